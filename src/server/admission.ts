import { redactSecrets } from '../base/index.ts'
import type { Admission, Decision, StreamRequest } from '../live/index.ts'
import { parseRtmpTarget } from '../rtmp/index.ts'
import type { Ask } from './options.ts'

/** Asks a program's functions. */
export class ProgramAdmission implements Admission {
  readonly #onPublish: Ask | undefined
  readonly #onPlay: Ask | undefined

  /** @param onPublish asked about publishers @param onPlay asked about players; who is not asked about is allowed */
  constructor(onPublish: Ask | undefined, onPlay: Ask | undefined) {
    this.#onPublish = onPublish
    this.#onPlay = onPlay
  }

  /** Functions are asked when it is known what a client wants. */
  async mayConnect(): Promise<Decision> {
    return { allowed: true }
  }

  /** Asks `onPublish`. */
  mayPublish(request: StreamRequest): Promise<Decision> {
    return decide(this.#onPublish, request)
  }

  /** Asks `onPlay`. */
  mayPlay(request: StreamRequest): Promise<Decision> {
    return decide(this.#onPlay, request)
  }
}

async function decide(ask: Ask | undefined, request: StreamRequest): Promise<Decision> {
  const answer = await ask?.(request)
  if (answer === undefined || answer === true) {
    return { allowed: true }
  }
  if (typeof answer === 'object' && 'redirect' in answer) {
    const { redirect } = answer
    parseRtmpTarget(redirect)
    return { allowed: false, code: 'redirected', reason: `it is at ${redactSecrets(redirect)}`, redirect }
  }
  if (typeof answer === 'object') {
    return { allowed: true, takeover: answer.takeover }
  }
  return { allowed: false, reason: answer === false || answer === '' ? 'not allowed' : answer }
}
