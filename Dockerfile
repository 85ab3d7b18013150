# syntax=docker/dockerfile:1
# One image for migrations, flows, Prefect's server, the API and the executor.
FROM python:3.12.12-slim-bookworm AS build

ENV UV_PYTHON_DOWNLOADS=never \
    VIRTUAL_ENV=/opt/desk
WORKDIR /app
COPY requirements/uv.txt requirements/desk.txt requirements/
RUN python -m venv /opt/uv \
    && /opt/uv/bin/python -m pip install --no-cache-dir --require-hashes \
        -r requirements/uv.txt \
    && python -m venv --without-pip "$VIRTUAL_ENV" \
    && /opt/uv/bin/uv pip install --no-cache --compile-bytecode --require-hashes \
        -r requirements/desk.txt
COPY . .
RUN "$VIRTUAL_ENV/bin/dbt" --quiet deps \
        --project-dir dbt_project --profiles-dir dbt_project \
    && "$VIRTUAL_ENV/bin/python" -m compileall -q desk ingest executor api flows
ARG COMMIT=""
RUN if [ -n "$COMMIT" ]; then printf '%s\n' "$COMMIT" > COMMIT; fi

FROM python:3.12.12-slim-bookworm

LABEL org.opencontainers.image.title="Desk" \
    org.opencontainers.image.licenses="Apache-2.0"
RUN useradd --uid 10001 --no-create-home --home-dir /state desk \
    && install --directory --owner=desk --group=desk --mode=0700 /state
COPY --from=build /opt/desk /opt/desk
COPY --from=build /app /app
ENV PATH=/opt/desk/bin:$PATH \
    PYTHONPATH=/app \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    HOME=/state \
    DESK_HOME=/state
WORKDIR /state
USER 10001:10001
ENTRYPOINT ["python", "-P", "-m", "desk"]
CMD ["--help"]
