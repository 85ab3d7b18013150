{#
The value that a standard normal distribution stays below with the given probability:
Wichura's AS 241, right to 1e-15 for probabilities from 1e-11 to 1 - 1e-11.
`probability`: a column.
#}
{% macro normal_quantile(probability) -%}
    {%- set q = '(' ~ probability ~ ' - 0.5::float8)' -%}
    {%- set near = '(0.180625::float8 - ' ~ q ~ ' * ' ~ q ~ ')' -%}
    {%- set far = '(sqrt(-ln(least(' ~ probability ~ ', 1 - ' ~ probability
        ~ '))) - 1.6::float8)' -%}
    case
        when abs({{ q }}) <= 0.425 then {{ q }} * {{ polynomial(near, [
            '2.5090809287301226727e+3', '3.3430575583588128105e+4',
            '6.7265770927008700853e+4', '4.5921953931549871457e+4',
            '1.3731693765509461125e+4', '1.9715909503065514427e+3',
            '1.3314166789178437745e+2', '3.3871328727963666080e+0',
        ]) }} / {{ polynomial(near, [
            '5.2264952788528545610e+3', '2.8729085735721942674e+4',
            '3.9307895800092710610e+4', '2.1213794301586595867e+4',
            '5.3941960214247511077e+3', '6.8718700749205790830e+2',
            '4.2313330701600911252e+1', '1',
        ]) }}
        else sign({{ q }}) * {{ polynomial(far, [
            '7.7454501427834140764e-4', '2.27238449892691845833e-2',
            '2.41780725177450611770e-1', '1.27045825245236838258e+0',
            '3.64784832476320460504e+0', '5.76949722146069140550e+0',
            '4.63033784615654529590e+0', '1.42343711074968357734e+0',
        ]) }} / {{ polynomial(far, [
            '1.05075007164441684324e-9', '5.47593808499534494600e-4',
            '1.51986665636164571966e-2', '1.48103976427480074590e-1',
            '6.89767334985100004550e-1', '1.67638483018380384940e+0',
            '2.05319162663775882187e+0', '1',
        ]) }}
    end
{%- endmacro %}

{# A polynomial, the highest power's coefficient first, by Horner's rule. #}
{% macro polynomial(variable, coefficients) -%}
    {%- set sum = namespace(sql=coefficients[0] ~ '::float8') -%}
    {%- for coefficient in coefficients[1:] -%}
        {%- set sum.sql =
            '(' ~ sum.sql ~ ' * ' ~ variable ~ ' + ' ~ coefficient ~ '::float8)' -%}
    {%- endfor -%}
    {{ sum.sql }}
{%- endmacro %}
