# Porchlight's images, one target each: sip, web, migrate. docs/operating.md says how to run them.
ARG NODE_IMAGE=node:24-bookworm-slim

FROM ${NODE_IMAGE} AS build
WORKDIR /build
COPY package.json package-lock.json .npmrc ./
RUN npm ci
COPY . .
# Each image gets the modules that its process reaches and the packages that these need: no Prisma CLI, nothing of
# development.
RUN set -e; npm run build; for image in sip web migrate; do node services/container/assemble.mjs "$image" "/images/$image"; done

FROM ${NODE_IMAGE} AS base
# No container makes a key of its own: it comes from PORCHLIGHT_KEY, or is mounted here.
ENV NODE_ENV=production PORCHLIGHT_KEY_FILE=/run/secrets/porchlight_key
WORKDIR /app
# `node` of the base image. Nothing below is its own, so that a process cannot change its code.
USER 1000:1000

FROM base AS migrate
COPY --from=build /images/migrate ./
CMD ["node", "dist/services/migrate-main.js"]

FROM base AS web
COPY --from=build /images/web ./
EXPOSE 8080/tcp
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["node", "services/container/web-health.mjs"]
CMD ["node", "dist/web/main.js"]

FROM base AS sip
COPY --from=build /images/sip ./
# `docker compose exec sip porchlight user list`
ENV PATH=/app/bin:$PATH
EXPOSE 5060/udp 5060/tcp
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s CMD ["node", "services/container/sip-health.mjs"]
# Transactions live for half a minute: with more room for what is young, less of it is moved about (docs/performance.md).
CMD ["node", "--max-semi-space-size=64", "dist/services/main.js"]
