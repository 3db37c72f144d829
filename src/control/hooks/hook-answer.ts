import { redactSecrets } from '../../base/index.ts'

/** What a server of hooks says. */
export type HookAnswer =
  | Readonly<{
      outcome: 'allowed'
      /** The HTTP status, 200 or 201. */
      status: number
      /** `data` of the answer, where there is one. Not checked. */
      data: unknown
    }>
  | Readonly<{
      /** `refused`: it answered, and that was no yes. `unavailable`: it is down, slow or has too much to do. */
      outcome: 'refused' | 'unavailable'
      /** The HTTP status; null if there was no answer. */
      status: number | null
      /** What came instead of a yes, for people: no address, no secret. */
      reason: string
    }>

/** Characters of an answer that are shown in a reason. */
export const MAX_SHOWN_ANSWER_LENGTH = 120

/** What a proxy, or a server with too much to do, says instead of an answer (RFC 9110, 15.5 and 15.6; RFC 8470; RFC 6585). */
const BUSY_STATUSES: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504])

/**
 * Reads an answer. SRS of 2014 takes the body `0`; today's takes, with status 200 or 201, the number 0 or an object whose `code` is
 * the number 0. Everything else is no yes.
 * @param text the body, whole
 */
export function readHookAnswer(status: number, text: string): HookAnswer {
  if (BUSY_STATUSES.has(status)) {
    return { outcome: 'unavailable', status, reason: `it answered HTTP ${status}${shown(text)}` }
  }
  const refused = (what: string): HookAnswer => ({
    outcome: 'refused',
    status,
    reason: `it answered ${what}`,
  })
  if (status >= 300 && status < 400) {
    return refused(`HTTP ${status}, a redirect, which is not followed`)
  }
  if (status !== 200 && status !== 201) {
    return refused(`HTTP ${status}${shown(text)}`)
  }
  if (text.trim() === '') {
    return refused('nothing: expected 0 or {"code":0}')
  }
  const answer = parse(text)
  if (answer === 0) {
    return { outcome: 'allowed', status, data: undefined }
  }
  if (typeof answer !== 'object' || answer === null || !('code' in answer)) {
    return refused(`neither 0 nor {"code":0}${shown(text)}`)
  }
  if (answer.code !== 0) {
    return refused(`code ${JSON.stringify(answer.code)}${shown(text)}`)
  }
  return { outcome: 'allowed', status, data: 'data' in answer ? answer.data : undefined }
}

/** Undefined if it is no JSON. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The beginning of an answer, in one line. */
function shown(text: string): string {
  const line = redactSecrets(text.slice(0, 4 * MAX_SHOWN_ANSWER_LENGTH))
    .replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
  if (line === '') {
    return ''
  }
  return `: ${line.length > MAX_SHOWN_ANSWER_LENGTH ? `${line.slice(0, MAX_SHOWN_ANSWER_LENGTH)}...` : line}`
}
