import { execPath } from 'node:process'
import type { Server } from '../../src/index.ts'
import type { TestCertificate } from '../support/certificate.ts'
import { type Block, PAGES, readBlocks } from '../support/docs.ts'
import { built, type Program, startProgram } from '../support/program.ts'
import type { Scope } from '../support/server.ts'

/** A block's command on its way to be judged. */
export type Trial = Readonly<{
  scope: Scope
  block: Block
  server: Server
  command: string
  /** Where it runs: the files that pages name are there. */
  cwd: string
  certificate: TestCertificate
  /** A file of keys, made by the page's own command. */
  keyFile: string
}>

/** The first command of all pages that begins like this. */
export function commandOfPages(start: string): string {
  const blocks = PAGES.flatMap((page) => readBlocks(page, 'sh'))
  return blocks.find(({ text }) => text.startsWith(start))?.text.trim() ?? ''
}

/** Starts a command as a shell would, in place of the shell. */
export function startCommand(
  { scope, cwd }: Trial,
  command: string,
  env: Record<string, string> = {},
): Program {
  return startProgram(scope, ['sh', '-c', `exec ${command}`], { cwd, env })
}

/** The command as it is installed, with this repository's build. */
export function withSrs(command: string): string {
  return command.replace(/^srs /, `${execPath} ${built('cli/main.js')} `)
}
