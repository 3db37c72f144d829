import type { StreamRequest } from './client.ts'
import { type Absence, type Denial, noStreamSupply, type Onward, type StreamSupply } from './ports.ts'
import type { Stream } from './stream.ts'
import type { StreamName } from './stream-name.ts'

/** Several supplies as one: a stream comes from the first that has it, and all are told what happens. */
export class JointSupply implements StreamSupply {
  readonly #parts: readonly StreamSupply[]

  /** @param parts who is asked first stands first */
  constructor(parts: readonly StreamSupply[]) {
    this.#parts = parts
  }

  supplies(name: StreamName): boolean {
    return this.#parts.some((part) => part.supplies(name))
  }

  denial(request: StreamRequest): Promise<Denial | null> | Denial | null {
    return this.#supplyOf(request.name).denial(request)
  }

  onViewer(stream: Stream, request: StreamRequest): void {
    for (const part of this.#parts) {
      part.onViewer(stream, request)
    }
  }

  onPublicationChange(stream: Stream): void {
    for (const part of this.#parts) {
      part.onPublicationChange(stream)
    }
  }

  arrival(stream: Stream, signal: AbortSignal): Promise<Absence | null> {
    return this.#supplyOf(stream.name).arrival(stream, signal)
  }

  takeOnward(request: StreamRequest): Promise<Onward> | null {
    for (const part of this.#parts) {
      const onward = part.takeOnward(request)
      if (onward !== null) {
        return onward
      }
    }
    return null
  }

  #supplyOf(name: StreamName): StreamSupply {
    return this.#parts.find((part) => part.supplies(name)) ?? noStreamSupply
  }
}
