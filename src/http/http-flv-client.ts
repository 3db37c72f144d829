import { ServerError, TimeoutError, toError } from '../base/index.ts'
import { type FlvTag, FlvTagReader } from '../media/index.ts'

/** How a stream is read over HTTP. */
export type HttpFlvOptions = Readonly<{
  /** A server that sends nothing for so long is given up, ms. Default 30 000. */
  idleTimeoutMs?: number
  /** Ends the reading at once; its reason is thrown. */
  signal?: AbortSignal
}>

/** Default of `HttpFlvOptions.idleTimeoutMs`. */
export const DEFAULT_HTTP_FLV_IDLE_TIMEOUT_MS = 30_000

/**
 * Reads an FLV stream over HTTP or HTTPS, redirects followed, as it comes. Leaving the loop closes the connection.
 * @param url `http://host/app/stream.flv`
 * @throws ServerError ERR_CONNECTION if there is no connection, no stream (any status but 200) or it is lost; TimeoutError
 * for silence; ProtocolError if what comes is no FLV
 */
export async function* readHttpFlv(
  url: string,
  { idleTimeoutMs = DEFAULT_HTTP_FLV_IDLE_TIMEOUT_MS, signal }: HttpFlvOptions = {},
): AsyncGenerator<FlvTag, void, undefined> {
  const silence = new AbortController()
  const onSilence = (): void =>
    silence.abort(new TimeoutError(`the server sent nothing for ${idleTimeoutMs} ms (idleTimeoutMs)`))
  let timer = setTimeout(onSilence, idleTimeoutMs)
  const end = AbortSignal.any([silence.signal, ...(signal === undefined ? [] : [signal])])
  try {
    const response = await fetch(url, { signal: end })
    if (response.status !== 200 || response.body === null) {
      await response.body?.cancel()
      throw new ServerError('ERR_CONNECTION', `${url} answers HTTP ${response.status}`)
    }
    const reader = new FlvTagReader()
    for await (const chunk of response.body) {
      clearTimeout(timer)
      const tags: FlvTag[] = []
      reader.push(chunk, (tag) => tags.push(tag))
      yield* tags
      // Only now: a program that is slow is no silence of the server.
      timer = setTimeout(onSilence, idleTimeoutMs)
    }
  } catch (thrown) {
    throw end.aborted ? end.reason : explain(url, toError(thrown))
  } finally {
    clearTimeout(timer)
  }
}

/** What `fetch` throws has its reason underneath. */
function explain(url: string, error: Error): Error {
  if (error instanceof ServerError) {
    return error
  }
  const { message } = error.cause === undefined ? error : toError(error.cause)
  return new ServerError('ERR_CONNECTION', `${url} can't be read: ${message}`, { cause: error })
}
