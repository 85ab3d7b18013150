# syntax=docker/dockerfile:1
# Two images: `desk` for migrations, flows, Prefect's server, the API and the executor;
# `dashboards` is the same with Superset in an environment of its own.
FROM python:3.12.12-slim-bookworm AS uv

ENV UV_PYTHON_DOWNLOADS=never
WORKDIR /app
COPY requirements/uv.txt requirements/
RUN python -m venv /opt/uv \
    && /opt/uv/bin/python -m pip install --no-cache-dir --require-hashes \
        -r requirements/uv.txt

FROM uv AS build-superset

COPY superset/requirements.txt superset/
RUN python -m venv --without-pip .venv-superset \
    && /opt/uv/bin/uv pip install --no-cache --compile-bytecode --require-hashes \
        --python .venv-superset -r superset/requirements.txt

FROM uv AS build

ENV VIRTUAL_ENV=/opt/desk
COPY requirements/desk.txt requirements/
RUN python -m venv --without-pip "$VIRTUAL_ENV" \
    && /opt/uv/bin/uv pip install --no-cache --compile-bytecode --require-hashes \
        -r requirements/desk.txt
COPY . .
RUN "$VIRTUAL_ENV/bin/dbt" --quiet deps \
        --project-dir dbt_project --profiles-dir dbt_project \
    && "$VIRTUAL_ENV/bin/python" -m compileall -q desk ingest executor api flows
ARG COMMIT=""
RUN if [ -n "$COMMIT" ]; then printf '%s\n' "$COMMIT" > COMMIT; fi

FROM python:3.12.12-slim-bookworm AS desk

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

FROM desk AS dashboards

COPY --from=build-superset /app/.venv-superset /app/.venv-superset
