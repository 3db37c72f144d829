import { ProtocolError, RedirectError, RejectedError } from '../base/index.ts'

/**
 * Waits for a handler's decision; a refusal is told to the client before the error goes on and ends the connection.
 * Nothing is told of our own faults.
 * @param tellRefusal sends the reason, and where else the client is to ask; null if nowhere
 * @throws whatever `decision` is rejected with
 */
export async function admit<T>(
  decision: Promise<T>,
  tellRefusal: (reason: string, redirect: string | null) => void,
): Promise<T> {
  try {
    return await decision
  } catch (error) {
    if (error instanceof RejectedError || error instanceof ProtocolError) {
      tellRefusal(error.message, error instanceof RedirectError ? error.url : null)
    }
    throw error
  }
}
