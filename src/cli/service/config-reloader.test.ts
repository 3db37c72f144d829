import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { silentLogger } from '../../base/index.ts'
import { defaultProcessSettings, type ServerSettings } from '../../control/index.ts'
import type { ReloadPlan } from '../../server/index.ts'
import { ConfigReloader } from './config-reloader.ts'

it('finds what a file includes from the folder of the start, wherever the process has gone since', async (scope) => {
  const folder = mkdtempSync(join(tmpdir(), 'reloader-'))
  scope.onTestFinished(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'vhosts'))
  mkdirSync(join(folder, 'conf'))
  writeFileSync(join(folder, 'conf/srs.conf'), 'listen 1935; include vhosts/*.conf;')
  writeFileSync(join(folder, 'vhosts/a.conf'), 'vhost a.example.com { }')
  const asked: ServerSettings[] = []
  const plan = async (settings: ServerSettings): Promise<ReloadPlan> => {
    asked.push(settings)
    return { steps: [], cut: [], atNextStart: [] }
  }
  const reloader = new ConfigReloader(
    {
      server: { planReload: plan, reload: plan },
      logger: silentLogger,
      source: { path: 'conf/srs.conf' },
      running: defaultProcessSettings,
      processOf: () => defaultProcessSettings,
    },
    folder,
  )
  await reloader.reload()
  expect(Object.keys(asked[0]?.vhosts ?? {})).toEqual(['a.example.com'])
  expect([...(await reloader.files()).keys()]).toEqual([
    join(folder, 'conf/srs.conf'),
    join(folder, 'vhosts/a.conf'),
  ])
})
