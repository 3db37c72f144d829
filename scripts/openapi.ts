import { readFile, writeFile } from 'node:fs/promises'
import process from 'node:process'
import { createServer } from '../src/index.ts'

/** Where the description of the API is kept for those who have no server at hand. */
const PATH: URL = new URL('../docs/openapi.json', import.meta.url)

/** The description as a server answers it. */
export async function readOpenApi(): Promise<unknown> {
  const server = await createServer({ http: { port: 0 } })
  try {
    const response = await fetch(`${server.httpUrl}/api/v1/openapi.json`)
    return await response.json()
  } finally {
    await server.close()
  }
}

/** The description as it is kept. */
export async function readKeptOpenApi(): Promise<unknown> {
  return JSON.parse(await readFile(PATH, 'utf8'))
}

if (process.argv[1] === import.meta.filename) {
  await writeFile(PATH, `${JSON.stringify(await readOpenApi(), null, 2)}\n`)
}
