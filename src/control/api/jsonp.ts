import { HTTP_METHODS, type HttpRequest } from '../../http/index.ts'

/** A name of a function, perhaps within objects; anything else could be a program. At most 128 characters. */
const CALLBACK = /^(?=.{1,128}$)[A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*)*$/

/** The function that the answer is to be the argument of (JSONP), as `callback` of the query names it; null without one. */
export function jsonpCallbackOf({ parameters }: HttpRequest): string | null {
  const callback = parameters.get('callback')
  return callback !== null && CALLBACK.test(callback) ? callback : null
}

/** Whether `callback` is there, but no name of a function. */
export function hasBadCallback(request: HttpRequest): boolean {
  return request.parameters.has('callback') && jsonpCallbackOf(request) === null
}

/** The method that a JSONP request stands for, as `method` of the query names it: a script can be asked for by GET only. */
export function jsonpMethodOf(request: HttpRequest): string | null {
  const method = request.parameters.get('method')?.toUpperCase()
  const isKnown = method !== undefined && (HTTP_METHODS as readonly string[]).includes(method)
  return isKnown && jsonpCallbackOf(request) !== null ? method : null
}
