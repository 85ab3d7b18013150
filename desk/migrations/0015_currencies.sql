-- What a vendor says its prices of a symbol are in. The desk trades US dollars: the
-- quality gate marks what is in anything else.

alter table raw.loaded_symbols add column currency text;
comment on column raw.loaded_symbols.currency is
'Currency of the prices in the vendor''s word (USD; GBp: pence); NULL where it does '
'not say, which is taken as USD.';
