import { ServerError } from '../../base/index.ts'
import type { StreamRequest } from '../../live/index.ts'
import type { ProgramCommand } from '../program/index.ts'
import {
  checkProgramTemplate,
  expandArguments,
  expandFilePath,
  expandVariables,
  type VariableValues,
} from '../variables/index.ts'
import { defaultExecOptions, type ExecOptions } from './options.ts'

/** A program as the settings have it, read. */
export type ExecTemplate = Readonly<{
  /** The program; with `[vhost]` and times at most. */
  program: string
  /** Its arguments, with variables. */
  args: readonly string[]
  /** Where its standard output goes, with variables; null: to its log. */
  standardOutput: string | null
  /** Where its standard error goes, with variables; null: to its log. */
  standardError: string | null
}>

/**
 * Reads a program and its arguments: `> FILE`, `1> FILE` and `2> FILE`, with a space between or without, say where what it writes goes.
 * @throws ServerError ERR_CONFIGURATION that says what can't be used
 */
export function readExecTemplate(words: readonly string[]): ExecTemplate {
  const [program = '', ...rest] = words
  if (program === '') {
    throw badCommand(words, "names no program: expected 'publish PROGRAM ARGUMENT ...'")
  }
  checkProgramTemplate(program)
  const args: string[] = []
  const files: { 1: string | null; 2: string | null } = { 1: null, 2: null }
  for (let index = 0; index < rest.length; index++) {
    const word = rest[index] ?? ''
    const [, descriptor, joined = ''] = /^([12]?)>>?(.*)$/s.exec(word) ?? []
    if (descriptor === undefined) {
      args.push(word)
      continue
    }
    const file = joined === '' ? (rest[++index] ?? '') : joined
    if (file === '' || file.startsWith('&')) {
      throw badCommand(words, `has '${word}' without a file behind it; no shell reads it`)
    }
    files[descriptor === '2' ? 2 : 1] = file
  }
  return { program, args, standardOutput: files[1], standardError: files[2] }
}

/**
 * The programs of a virtual host, with every default.
 * @throws ServerError ERR_CONFIGURATION that says what can't be used
 */
export function resolveExec({
  publish = defaultExecOptions.publish,
}: Partial<ExecOptions> = {}): ExecOptions {
  publish.forEach(readExecTemplate)
  return { publish }
}

/**
 * The command for a publisher's stream.
 * @throws UnusableValueError if a value can't be used where it stands
 */
export function execCommand(
  template: ExecTemplate,
  values: VariableValues,
  request: StreamRequest,
): ProgramCommand {
  const { program, args, standardOutput, standardError } = template
  return {
    file: expandVariables(program, values, 'argument'),
    args: expandArguments(program, args, values),
    environment: execEnvironment(values, request),
    ...(standardOutput === null ? {} : { standardOutput: expandFilePath(standardOutput, values) }),
    ...(standardError === null ? {} : { standardError: expandFilePath(standardError, values) }),
  }
}

/** What a program finds in its environment: all that is known of the stream, as it is, but for control characters. */
export function execEnvironment(
  values: VariableValues,
  { client }: StreamRequest,
): Readonly<Record<string, string>> {
  const variables = {
    SRS_VHOST: values.vhost,
    SRS_APP: values.app,
    SRS_STREAM: values.stream,
    SRS_PARAM: values.param,
    SRS_URL: values.url,
    SRS_TC_URL: values.tcUrl,
    SRS_SWF_URL: values.swfUrl,
    SRS_PAGE_URL: values.pageUrl,
    SRS_PORT: String(values.port),
    SRS_CLIENT_ID: client.id,
    SRS_CLIENT_ADDRESS: client.address,
    SRS_CLIENT_PROTOCOL: client.protocol,
  }
  return Object.fromEntries(
    Object.entries(variables).map(([name, value]) => [name, value.replace(/\p{Cc}/gu, '')]),
  )
}

function badCommand(words: readonly string[], problem: string): ServerError {
  // Arguments may have passwords in them.
  return new ServerError('ERR_CONFIGURATION', `exec publish '${words[0] ?? ''}' ${problem}`)
}
