# The image of the server: `docker build -t daily-papers .`; with PostgreSQL beside it: docker-compose.yml.
# Debian rather than Alpine: fs-native-extensions ships prebuilt binaries for glibc only.
FROM node:22.23.4-trixie-slim AS base
WORKDIR /app

FROM base AS packages
COPY package.json package-lock.json .npmrc ./
RUN npm ci --include=dev

FROM packages AS build
COPY tsconfig.json prisma.config.ts ./
COPY prisma prisma
COPY src src
RUN node src/cli/prepare.mjs

# What the server loads: 93 MB, of the 438 MB that `npm ci --omit=dev` installs. Left out are the tools (the Prisma CLI
# is a dependency, but only the build calls it, and vega draws reports of the evaluation alone), the query compilers of
# other databases, and what only a debugger or a compiler reads.
FROM packages AS production
RUN npm pkg delete dependencies.prisma dependencies.vega dependencies.vega-lite devDependencies.typescript \
  && npm prune --omit=dev --omit=peer \
  && find node_modules/@prisma/client/runtime -name 'query_compiler_*' ! -name '*_fast_bg.postgresql.*' -delete \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

FROM base
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 DATA_DIR=/data
RUN install --directory --owner=node --group=node /data
COPY --from=production /app/package.json ./
COPY --from=production /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY prisma/migrations prisma/migrations
COPY prisma/demo prisma/demo
USER node
# A trial on a database that is thrown away: a file missing above fails the build rather than a request.
RUN DATA_DIR=/tmp/trial HOST=127.0.0.1 PORT=0 node --input-type=module --eval " \
    import { createApp } from './dist/app.js'; \
    import { readConfig } from './dist/config.js'; \
    const app = await createApp(readConfig()); \
    const address = await app.listen(); \
    for (const path of ['/', '/readyz']) if (!(await fetch(address + path)).ok) throw new Error(path); \
    await app.close();" \
  && rm -r /tmp/trial
VOLUME /data
EXPOSE 4000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "--eval", "fetch('http://127.0.0.1:' + process.env.PORT + '/readyz').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "dist/main.js"]
