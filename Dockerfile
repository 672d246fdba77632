# One image, two commands: `serve` (web, the default) and `worker`.
FROM python:3.12-slim-bookworm

# Pango draws PDF pages, with letters for Latin, Greek, Cyrillic, Arabic, Hebrew (DejaVu) and Chinese, Japanese, Korean
# (Noto); fonts-noto-core would add further scripts. The certificates are what outgoing connections are checked against.
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates fonts-dejavu-core fonts-noto-cjk libharfbuzz-subset0 libpangoft2-1.0-0 \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --uid 10001 --create-home --home-dir /data lectern

WORKDIR /app
COPY requirements.lock .
RUN pip install --no-cache-dir --require-hashes -r requirements.lock

COPY lti_tool lti_tool
# Whoever runs it may not write here, and each process would compile all of it again.
RUN python -m compileall -q lti_tool
COPY migrations migrations
COPY static static
COPY templates templates
COPY tool_config.json wsgi.py ./

USER lectern
ENV LECTERN_BIND=0.0.0.0:8000 \
    LECTERN_DATA_DIR=/data \
    LECTERN_KEYS_DIR=/data/keys \
    PYTHONUNBUFFERED=1
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --start-period=60s --interval=15s --timeout=5s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]

ENTRYPOINT ["python", "-m", "lti_tool"]
CMD ["serve", "--migrate"]
