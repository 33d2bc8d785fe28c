# One image for every process: the command follows the image's name (run, serve, worker, migrate, config apply …).
#   docker build . -t mql-bot
#   docker run --rm mql-bot --help
FROM python:3.13.9-slim-bookworm AS build
WORKDIR /source
RUN python -m venv /opt/mql-bot
ENV PATH=/opt/mql-bot/bin:$PATH PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
COPY requirements.lock ./
RUN pip install --require-hashes -r requirements.lock
COPY pyproject.toml README.md LICENSE manifest.yml ./
COPY bot ./bot
COPY storage ./storage
COPY playground ./playground
# What the user of the bot may not write there later: compiled modules, and the catalogues as they are read (bot/i18n.py).
RUN pip install --no-build-isolation --no-deps . && python -m compileall -q /opt/mql-bot/lib && python -c \
    "from bot.i18n import catalogue; from storage.vocabulary import Locale; [catalogue(locale) for locale in Locale]"

FROM python:3.13.9-slim-bookworm
# The folder for a SQLite file (DATABASE_URL as it is by default) belongs to the user that runs the bot.
RUN useradd --system --uid 10001 --create-home --home-dir /var/lib/mql-bot mql-bot \
    && install -d -o mql-bot -g mql-bot -m 700 /var/lib/mql-bot/data
COPY --from=build /opt/mql-bot /opt/mql-bot
ENV PATH=/opt/mql-bot/bin:$PATH PYTHONUNBUFFERED=1 HOST=0.0.0.0 PORT=3000 LOG_FORMAT=json
WORKDIR /var/lib/mql-bot
USER 10001
EXPOSE 3000
VOLUME /var/lib/mql-bot/data
# Of run and serve. A worker has such a page only on METRICS_PORT (docs/operations.md): give it a check of its own.
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request; urllib.request.urlopen('http://127.0.0.1:' + os.environ['PORT'] + '/healthz', timeout=4)"]
ENTRYPOINT ["mql-bot"]
CMD ["run"]
