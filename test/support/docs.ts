import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Server } from '../../src/index.ts'
import { REPOSITORY } from './program.ts'

/** A fenced block of a page. */
export type Block = Readonly<{
  /** `docs/embed.md`. */
  page: string
  /** What stands behind the fence, e.g. 'sh'. */
  language: string
  /** Line of its fence in the page, from 1. */
  line: number
  /** What is in it, with the line end of its last line. */
  text: string
  /** Text of the block that follows with nothing but blank lines between, if that is its output. */
  output: string | null
}>

/** The pages: those of `docs/`, and the README. */
export const PAGES: readonly string[] = [
  'README.md',
  ...readdirSync(join(REPOSITORY, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
]

/** The text of a page. */
export function readPage(page: string): string {
  return readFileSync(join(REPOSITORY, page), 'utf8')
}

/** The fenced blocks of a page, in order; those of one language if it is said. */
export function readBlocks(page: string, language?: string): Block[] {
  const blocks: Block[] = []
  const lines = readPage(page).split('\n')
  let open: { language: string; line: number; from: number } | null = null
  for (const [index, line] of lines.entries()) {
    const fence = /^```(.*)$/.exec(line)
    if (fence === null) {
      continue
    }
    if (open === null) {
      open = { language: fence[1] ?? '', line: index + 1, from: index + 1 }
      continue
    }
    const text = lines
      .slice(open.from, index)
      .map((each) => `${each}\n`)
      .join('')
    blocks.push({ page, language: open.language, line: open.line, text, output: outputAfter(lines, index) })
    open = null
  }
  if (open !== null) {
    throw new Error(`${page}:${open.line}: the block is never closed`)
  }
  return blocks.filter((block) => language === undefined || block.language === language)
}

/** A page's words with the addresses of a server under test: pages say those of a server that was just started. */
export function atServer(text: string, server: Server): string {
  const { rtmpUrl, httpUrl } = server
  const secured =
    server.rtmpsAddress === null || server.httpsAddress === null
      ? text
      : text
          .replaceAll('rtmps://localhost:1936/', `${server.rtmpsUrl}/`)
          .replaceAll('https://localhost:8443/', `${server.httpsUrl}/`)
  return secured
    .replaceAll('rtmp://localhost/', `${rtmpUrl}/`)
    .replaceAll('http://localhost:8080/', `${httpUrl}/`)
    .replaceAll('ws://localhost:8080/', `${httpUrl.replace(/^http/, 'ws')}/`)
}

function outputAfter(lines: readonly string[], end: number): string | null {
  const next = lines.findIndex((line, index) => index > end && line !== '')
  if (lines[next] !== '```text') {
    return null
  }
  const close = lines.indexOf('```', next)
  return lines
    .slice(next + 1, close)
    .map((line) => `${line}\n`)
    .join('')
}
