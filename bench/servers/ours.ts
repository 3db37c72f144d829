import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { VERSION } from '../../src/base/index.ts'
import { compiledProgram } from '../lib/build.ts'
import { Child } from '../lib/child.ts'
import { CACHE } from '../lib/tools.ts'
import type { OursAddresses, OursQuestion, OursSetup } from './ours-messages.ts'
import {
  type BenchServer,
  type InnerMetrics,
  NODE_FLAGS,
  type RunningServer,
  type ServerSetup,
} from './server.ts'

const MAIN = new URL('./ours-main.ts', import.meta.url)

/** This project's server, in one process. */
export const ours: BenchServer = {
  name: 'ours',
  version: async () => `simple-rtmp-server ${VERSION}, Node ${process.versions.node}`,
  async start({ broadcast, tls }: ServerSetup): Promise<RunningServer> {
    const setup: OursSetup = { broadcast, certificate: tls ? makeCertificate() : null }
    const child = Child.fork('ours', compiledProgram(MAIN), [JSON.stringify(setup)], {
      execArgv: [...NODE_FLAGS],
    })
    const { rtmpUrl, httpUrl, rtmpsUrl, httpsUrl } = await child.message<OursAddresses>()
    return {
      rtmpUrl,
      flvUrl: httpUrl,
      wsUrl: httpUrl.replace(/^http/, 'ws'),
      ...(rtmpsUrl === null || httpsUrl === null ? {} : { tlsUrls: { rtmps: rtmpsUrl, https: httpsUrl } }),
      pids: () => [child.pid],
      beginWindow: async () => {
        await child.ask('begin' satisfies OursQuestion)
      },
      watchLoop: async () => {
        await child.ask('watch' satisfies OursQuestion)
      },
      windows: {
        open: () => child.ask<InnerMetrics>('open' satisfies OursQuestion),
        close: () => child.ask<InnerMetrics>('close' satisfies OursQuestion),
      },
      innerMetrics: () => child.ask<InnerMetrics>('metrics' satisfies OursQuestion),
      stop: () => child.stop(),
    }
  },
}

/** A certificate for 127.0.0.1 that nobody signed: ECDSA, as most are. */
function makeCertificate(): { certificate: string; key: string } {
  const files = { certificate: join(CACHE, 'certificate.pem'), key: join(CACHE, 'key.pem') }
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const out = ['-subj', '/CN=127.0.0.1', '-keyout', files.key, '-out', files.certificate]
  execFileSync('openssl', ['req', '-x509', ...kind, ...out], { stdio: ['ignore', 'ignore', 'pipe'] })
  return files
}
