import { statSync } from 'node:fs'
import process from 'node:process'
import { fileURLToPath } from 'node:url'
import { VERSION } from '../../../base/index.ts'
import { data, type Endpoint } from '../endpoint.ts'
import { booleanSchema, integerSchema, objectSchema, textSchema } from '../json-schema.ts'

type VersionInfo = Readonly<{ major: number; minor: number; revision: number; version: string }>

type AuthorsInfo = Readonly<{ license: string; contributors: string }>

type FeaturesInfo = Readonly<{
  options: string
  options2: string
  build: string
  build2: string
  features: typeof FEATURES
}>

/** What SRS asks whether it was built with, as this server has it. */
const FEATURES = {
  ssl: true,
  hls: true,
  hds: false,
  callback: true,
  api: true,
  httpd: true,
  dvr: false,
  transcode: true,
  ingest: true,
  stat: true,
  caster: false,
  complex_send: true,
  tcp_nodelay: true,
  so_sendbuf: false,
  mr: true,
} as const satisfies Readonly<Record<string, boolean>>

/** `/api/v1/versions`: the same on the listeners of streams, where it is public. */
export const VERSIONS_ENDPOINT: Endpoint = {
  method: 'any',
  path: '/api/v1/versions',
  operation: 'getVersion',
  says: 'The version of this server.',
  listed: 'the version of SRS',
  answer: {
    kind: 'envelope',
    content: {
      data: objectSchema<VersionInfo>({
        major: integerSchema('The first number.'),
        minor: integerSchema('The second.'),
        revision: integerSchema('The third.'),
        version: textSchema('All three, with dots between them.'),
      }),
    },
  },
  handle: () => {
    const [major = 0, minor = 0, revision = 0] = VERSION.split('.').map(Number)
    return data({ data: { major, minor, revision, version: VERSION } satisfies VersionInfo })
  },
}

/** `/api/v1/authors` and `/api/v1/features`. */
export const ABOUT_ENDPOINTS: readonly Endpoint[] = [
  {
    method: 'any',
    path: '/api/v1/authors',
    operation: 'getAuthors',
    says: 'The licence, and who made it.',
    listed: 'the license, copyright, authors and contributors',
    answer: {
      kind: 'envelope',
      content: {
        data: objectSchema<AuthorsInfo>({
          license: textSchema('By its SPDX name.'),
          contributors: textSchema('Who they are.'),
        }),
      },
    },
    handle: () =>
      data({
        data: {
          license: 'MIT',
          contributors: 'the contributors of simple-rtmp-server',
        } satisfies AuthorsInfo,
      }),
  },
  {
    method: 'any',
    path: '/api/v1/features',
    operation: 'getFeatures',
    says: 'What this server can do, in the words of SRS.',
    listed: 'the supported features of SRS',
    answer: {
      kind: 'envelope',
      content: {
        data: objectSchema<FeaturesInfo>({
          options: textSchema('What it runs on.'),
          options2: textSchema('The same of the machine.'),
          build: textSchema('When it was installed, in UTC.'),
          build2: textSchema('The same, in seconds since the Unix epoch.'),
          features: objectSchema<typeof FEATURES>({
            ssl: booleanSchema('TLS.'),
            hls: booleanSchema('HLS.'),
            hds: booleanSchema('HDS.'),
            callback: booleanSchema('HTTP hooks.'),
            api: booleanSchema('This API.'),
            httpd: booleanSchema('An HTTP server.'),
            dvr: booleanSchema('Recording.'),
            transcode: booleanSchema('Transcoding.'),
            ingest: booleanSchema('Ingest.'),
            stat: booleanSchema('Statistics.'),
            caster: booleanSchema('Other ways to publish.'),
            complex_send: booleanSchema('Many chunks in one write.'),
            tcp_nodelay: booleanSchema('TCP_NODELAY.'),
            so_sendbuf: booleanSchema('A size of the send buffer.'),
            mr: booleanSchema('Merged reads.'),
          }),
        }),
      },
    },
    handle: () => data({ data: features() }),
  },
]

function features(): FeaturesInfo {
  const installedAt = statSync(fileURLToPath(import.meta.url)).mtime
  return {
    options: `node ${process.version}`,
    options2: `${process.platform} ${process.arch}`,
    build: installedAt.toISOString().slice(0, 19).replace('T', ' '),
    build2: String(Math.floor(installedAt.getTime() / 1000)),
    features: FEATURES,
  }
}
