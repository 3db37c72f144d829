/** Version of this package; a test keeps it equal to package.json. */
export const VERSION = '0.1.0'

/** How the server names itself, in HTTP headers, RTMP answers and metadata. */
export const SERVER_NAME: string = `SRS/${VERSION}(TypeScript)`
