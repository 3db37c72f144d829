import { setFlagsFromString } from 'node:v8'

/** V8's compilers that work on threads beside the program, or for them. */
const COMPILERS = ['--no-maglev', '--no-turbofan', '--no-sparkplug'] as const

/**
 * Begins no more compilations of JavaScript beside the program; those under way go on to their ends. To be called when the end begins. A
 * process of Node.js that ends waits for those threads; one that compiles may wait for a garbage collection, which only the main thread
 * can do: then it never ends (https://github.com/nodejs/node/issues/54918). That is likeliest right after the start, when there is most to
 * compile.
 */
export function endBackgroundCompilation(): void {
  for (const flag of COMPILERS) {
    setFlagsFromString(flag)
  }
}
