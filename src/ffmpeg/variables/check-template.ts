import { ServerError } from '../../base/index.ts'
import { variablesOf } from './template.ts'

/** What a publisher chooses. */
const CHOSEN = ['app', 'stream', 'param', 'url', 'tcUrl', 'swfUrl', 'pageUrl']

/**
 * Checks a template for an address of FFmpeg, an input or output: publishers choose what their streams are called, and must not choose so which server
 * or protocol is used.
 * @throws ServerError ERR_CONFIGURATION if they could
 */
export function checkAddressTemplate(template: string): void {
  const scheme = /^(?:[^/:[\]]|\[[^\]]*\])*:/.exec(template)?.[0] ?? ''
  const authority = /^[^/]*:\/\/[^/?#]*/.exec(template)?.[0] ?? ''
  for (const { variable, before } of variablesOf(template)) {
    if (before.length < scheme.length) {
      throw badTemplate(template, variable, 'the protocol')
    }
    if (before.length < authority.length && CHOSEN.includes(variable)) {
      throw badTemplate(template, variable, 'the server')
    }
  }
}

/**
 * Checks a template for the program that is started.
 * @throws ServerError ERR_CONFIGURATION if a publisher could choose it
 */
export function checkProgramTemplate(template: string): void {
  const chosen = variablesOf(template).find(({ variable }) => CHOSEN.includes(variable))
  if (chosen !== undefined) {
    throw badTemplate(template, chosen.variable, 'the program')
  }
}

function badTemplate(template: string, variable: string, what: string): ServerError {
  return new ServerError(
    'ERR_CONFIGURATION',
    `'${template}': [${variable}] can't be part of ${what}, which any publisher could choose then`,
  )
}
