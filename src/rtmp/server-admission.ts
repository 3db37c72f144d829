import { ProtocolError, RejectedError } from '../base/index.ts'

/**
 * Waits for a handler's decision; a refusal is told to the client before the error goes on and ends the connection.
 * Nothing is told of our own faults.
 * @param tellRefusal sends the reason
 * @throws whatever `decision` is rejected with
 */
export async function admit<T>(decision: Promise<T>, tellRefusal: (reason: string) => void): Promise<T> {
  try {
    return await decision
  } catch (error) {
    if (error instanceof RejectedError || error instanceof ProtocolError) {
      tellRefusal(error.message)
    }
    throw error
  }
}
