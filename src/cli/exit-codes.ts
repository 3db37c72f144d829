/** Exit code after a mistake in how the command was called or an address that can't be had. */
export const EXIT_USAGE = 2
/** Exit code after a fault. */
export const EXIT_FAULT = 1
/** A second Ctrl-C ends at once; 128 + SIGINT. */
export const EXIT_INTERRUPTED = 130
/** Exit code if a client is to be kicked that is not there. */
export const EXIT_NOT_FOUND = 3
