import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const SOURCES = new URL('../../src/index.ts', import.meta.url).href

/** Says which HTTP clients are loaded, ours and Node's own: several megabytes each. */
const PROGRAM = `
import { createRequire } from 'node:module'
const { createServer } = await import(process.argv[1])
const count = () => [...Object.keys(createRequire(import.meta.url).cache), ...process.moduleLoadList].filter((name) => /undici/.test(name)).length
const listeners = { rtmp: { host: '127.0.0.1', port: 0 }, http: { host: '127.0.0.1', port: 0, page: false } }
const server = await createServer(listeners)
const alone = count()
await server.reload({ ...listeners, hooks: { onPublish: ['http://127.0.0.1:9/'] } })
console.log(JSON.stringify({ alone, withHooks: count() > 0 }))
await server.close()
`

it('a server loads no HTTP client before it calls others', async () => {
  const program = ['--input-type=module', '--eval', PROGRAM, SOURCES]
  const { stdout } = await promisify(execFile)(process.execPath, program)
  expect(JSON.parse(stdout)).toEqual({ alone: 0, withHooks: true })
})
