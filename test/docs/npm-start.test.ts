import { expect, it } from 'vitest'
import { startProgram } from '../support/program.ts'
import { ask } from '../support/web.ts'

// Its packages are installed, or this test would not run. It builds the page anew, which others would miss meanwhile.
it('npm start builds the page, publishes a clip, serves both, and ends cleanly on Ctrl-C', async (scope) => {
  const free = '--listen 127.0.0.1:0 --http-listen 127.0.0.1:0'
  const program = startProgram(scope, ['sh', '-c', `exec npm start -- ${free}`])
  const [, page = ''] = await program.waitForOutput(/Page +(\S+)[\s\S]*Ctrl-C ends the server/)
  expect((await ask(page)).status).toBe(200)
  expect((await ask(`${page}live/demo.flv`)).status).toBe(200)
  program.pressControlC()
  expect(await program.exited).toEqual({ code: 0, signal: null })
  expect(program.stdout).toContain('Closing:')
})
