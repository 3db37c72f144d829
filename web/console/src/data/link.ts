import { type Signal, signal } from '@preact/signals'
import { ApiFailure } from '../../../src/api/api-client.ts'
import { backOffMs } from './back-off.ts'

/** How the console stands with the server. */
export type LinkState =
  | Readonly<{ kind: 'connecting' }>
  | Readonly<{ kind: 'online' }>
  /** Nobody answers; asked again at `retryAt` (ms, clock of the browser). */
  | Readonly<{ kind: 'gone'; since: number; retryAt: number; reason: string }>
  /** It wants to know who asks; `tried`: what it was told was wrong. `reason`: why it has not even looked at that; null if it has. */
  | Readonly<{ kind: 'unauthorised'; tried: boolean; reason: string | null }>
  /** It does not answer us, whatever we say. */
  | Readonly<{ kind: 'forbidden'; reason: string }>

/** What a link needs. */
export type LinkSetup = Readonly<{
  /** A question that the server answers if it is there. */
  probe: () => Promise<unknown>
  /** Whether there are credentials. */
  hasCredentials: () => boolean
}>

/** Knows from what becomes of questions how the console stands with the server, and asks again when it is gone. */
export class Link {
  /** How it stands. */
  readonly state: Signal<LinkState> = signal<LinkState>({ kind: 'connecting' })
  readonly #setup: LinkSetup
  #failures = 0
  #timer: ReturnType<typeof setTimeout> | undefined
  #probing = false

  constructor(setup: LinkSetup) {
    this.#setup = setup
  }

  /** Asks a question and learns from what becomes of it. */
  async ask<T>(question: () => Promise<T>, forbiddenIsAll = true): Promise<T> {
    try {
      const answer = await question()
      this.#succeed()
      return answer
    } catch (error) {
      if (error instanceof ApiFailure) {
        if (error.kind !== 'forbidden' || forbiddenIsAll) {
          this.#fail(error)
        }
      }
      throw error
    }
  }

  /** The same for what changes something: who may not do that may still look. */
  change<T>(question: () => Promise<T>): Promise<T> {
    return this.ask(question, false)
  }

  /** Asks again now, and not only when it is time. */
  async retry(): Promise<void> {
    clearTimeout(this.#timer)
    if (this.#probing) {
      return
    }
    this.#probing = true
    try {
      await this.ask(this.#setup.probe)
    } catch (error) {
      if (!(error instanceof ApiFailure)) {
        throw error
      }
      // `ask` has learnt from it.
    } finally {
      this.#probing = false
    }
  }

  /** Begins anew, as if nothing had been asked yet: what was answered was answered to somebody else. */
  forget(): void {
    clearTimeout(this.#timer)
    this.#failures = 0
    this.state.value = { kind: 'connecting' }
  }

  #succeed(): void {
    clearTimeout(this.#timer)
    this.#failures = 0
    if (this.state.value.kind !== 'online') {
      this.state.value = { kind: 'online' }
    }
  }

  #fail({ kind, message }: ApiFailure): void {
    const { value: state } = this.state
    if (kind === 'unauthorised') {
      // Others than the probe may still have been asked by somebody else.
      if (state.kind !== 'unauthorised' || this.#probing) {
        this.state.value = { kind, tried: this.#setup.hasCredentials(), reason: null }
      }
    } else if (kind === 'forbidden') {
      this.state.value = { kind, reason: message }
    } else if (kind === 'gone') {
      // Questions that were under way when the first one failed are no attempts of their own.
      if (state.kind !== 'gone' || this.#probing) {
        this.#failures++
        const wait = backOffMs(this.#failures, Math.random())
        const since = state.kind === 'gone' ? state.since : Date.now()
        this.state.value = { kind, since, retryAt: Date.now() + wait, reason: message }
        clearTimeout(this.#timer)
        this.#timer = setTimeout(() => void this.retry(), wait)
      }
    } else if (kind === 'refused' && state.kind === 'unauthorised') {
      // Such as for too many wrong passwords: who asks is as unknown as before.
      this.state.value = { ...state, reason: message }
    } else {
      // It answers, even if not what was hoped for.
      this.#succeed()
    }
  }
}
