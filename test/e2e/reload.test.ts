import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { createServer } from '../../src/index.ts'
import { firstSettings, reloadUnderLoad } from '../soak/reload.ts'
import { checkReloads } from '../soak/reload-property.ts'
import { makeCertificate } from '../support/certificate.ts'
import { RecordingLogger } from '../support/server.ts'
import { waitFor } from '../support/wait.ts'

/** Handles of this process that are open. */
function handles(): number {
  return process.getActiveResourcesInfo().filter((kind) => /^(TCP|Pipe|TLS)/.test(kind)).length
}

// The full ones, with two hundred reloads, memory, and hundreds of pairs, are `npm run soak:reload`.
it('twenty reloads under load leave nothing behind, and nobody whom they do not concern misses a picture', async (scope) => {
  const folder = mkdtempSync(join(tmpdir(), 's-'))
  scope.onTestFinished(() => rmSync(folder, { recursive: true }))
  const certificate = await makeCertificate(scope)
  const before = handles()
  const log = new RecordingLogger()
  const server = await createServer({ ...firstSettings(), logger: log })
  const { rtmpUrl, httpUrl } = server
  const target = { rtmpUrl, httpUrl, reload: server.reload.bind(server) }
  const { report } = await reloadUnderLoad(scope, target, { rounds: 20, players: 6, certificate, folder })
  expect(report).toMatchObject({ reloads: 20, cut: 10 })
  expect(report.framesPlayed).toBeGreaterThan(200)
  expect(log.errors).toEqual([])
  expect(server.addresses).toHaveLength(2)
  await server.close()
  await waitFor(
    () => `${handles()} handles become ${before}`,
    () => handles() <= before,
  )
})

it('a reload disconnects exactly those whom its plan names, for random pairs of settings', async () => {
  const { reloads, cut } = await checkReloads(20)
  expect(reloads).toBe(20)
  expect(cut).toBeGreaterThan(0)
})
