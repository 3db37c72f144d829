/**
 * Node's `node:http`, whose values are taken from here, never imported: an import of that module reads all that it exports, WebSocket
 * among it, and Node then loads its own HTTP client for that, which takes 4 MB and as long as all the rest of the module and more.
 */
export const nodeHttp: typeof import('node:http') = process.getBuiltinModule('node:http')
