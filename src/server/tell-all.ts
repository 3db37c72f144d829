import type { StreamEvents } from '../live/index.ts'

/** Tells several what happens, in their order; none waits for the others. */
export function tellAll(listeners: readonly StreamEvents[]): StreamEvents {
  const all = async (tell: (listener: StreamEvents) => Promise<void>): Promise<void> => {
    await Promise.all(listeners.map(tell))
  }
  return {
    onPublish: (request) => all((listener) => listener.onPublish(request)),
    onUnpublish: (request, reason) => all((listener) => listener.onUnpublish(request, reason)),
    onPlay: (request) => all((listener) => listener.onPlay(request)),
    onStop: (request, reason) => all((listener) => listener.onStop(request, reason)),
    onRefused: (refusal) => all((listener) => listener.onRefused(refusal)),
    onAbandoned: (action, request) => all((listener) => listener.onAbandoned(action, request)),
    onClose: (request, totals) => all((listener) => listener.onClose(request, totals)),
  }
}
