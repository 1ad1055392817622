# One image for every command of the connector.
FROM python:3.11-slim AS build
WORKDIR /build
RUN python -m venv /opt/connector
COPY requirements.lock ./
RUN /opt/connector/bin/pip install --no-cache-dir --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY schemas schemas
COPY connector connector
RUN /opt/connector/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
COPY --from=build /opt/connector /opt/connector
ENV PATH=/opt/connector/bin:$PATH PYTHONUNBUFFERED=1
RUN useradd --create-home --uid 10001 connector && install -d -o connector /var/lib/connector
USER connector
WORKDIR /var/lib/connector
ENTRYPOINT ["connector"]
CMD ["run", "--config", "/etc/connector/connector.toml"]
