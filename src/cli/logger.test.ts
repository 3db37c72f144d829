import { existsSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { afterAll, describe, expect, it } from 'vitest'
import { TemporaryFolder } from '../../test/support/temporary-folder.ts'
import { waitFor } from '../../test/support/wait.ts'
import { defaultProcessSettings } from '../control/index.ts'
import { openLog } from './logger.ts'

describe('the log file', () => {
  const folder = new TemporaryFolder()
  afterAll(() => folder.remove())

  const LINES = 5000

  it('has every line once and in order, however often it is moved away and opened anew', async () => {
    const at = folder.write({})
    const file = join(at, 'logs', 'srs.log')
    const log = await openLog({ ...defaultProcessSettings.log, target: 'file', file }, 'auto')
    for (let line = 0; line < LINES; line++) {
      log.logger.info({ line }, 'a line')
      if (line % 500 === 250) {
        await waitFor('the file is there', () => existsSync(file))
        renameSync(file, `${file}.${String(line).padStart(4, '0')}`)
        log.reopen()
      }
      if (line % 100 === 0) {
        await nextTurn()
      }
    }
    const read = (): unknown[] => {
      const moved = readdirSync(join(at, 'logs')).filter((name) => name !== 'srs.log')
      const files = [...moved.sort(), 'srs.log'].map((name) => join(at, 'logs', name)).filter(existsSync)
      const lines = files.flatMap((path) => readFileSync(path, 'utf8').split('\n'))
      return lines.filter((each) => each !== '').map((each) => JSON.parse(each).line)
    }
    await waitFor('all is written', () => read().length >= LINES)
    expect(read()).toEqual(Array.from({ length: LINES }, (_, line) => line))
  })
})
