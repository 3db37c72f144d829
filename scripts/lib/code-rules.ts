import { type Finding, isTest, type SourceFile } from './files.ts'
import { findImports, type Import } from './imports.ts'
import { type Token, tokenize } from './tokens.ts'

/** Modules whose values only `src/net` may import; their types are free. */
const SOCKET_MODULES = new Set(['net', 'tls'])

/** The module of Node whose values are taken from `nodeHttp` of `src/net`, as an import of it loads another HTTP client. */
const HTTP_MODULES = new Set(['http'])

/** Types that can be written to; a variable declared with one of them is known to be a socket, whatever its name. */
const WRITABLE_TYPES = new Set(['Socket', 'TLSSocket', 'Duplex', 'Writable', 'ServerResponse'])

/** `writeUInt32BE` and its kin. */
const RANGE_CHECKED_WRITE = /^write(Big)?U?[Ii]nt\d*(BE|LE)$|^writeU?Int8$/

/** Names that are taken for a socket: `socket`, `rawSocket`, and the `raw` of an HTTP framework's reply. */
const SOCKET_NAME = /socket$|^raw$/i

/**
 * The rules on what a folder may do, beside what it may import. Tests are free of them.
 * - Only `src/net` imports values of `node:net` and `node:tls`, and writes to sockets.
 * - Nothing imports values of `node:http`.
 * - Only `src/cli` prints.
 * - Nothing writes numbers with the methods of Buffer, which throw where a timestamp has grown past their range.
 */
export function checkCodeRules(file: SourceFile): Finding[] {
  if (isTest(file.path)) {
    return []
  }
  const code = tokenize(file.text).filter((token) => token.kind !== 'comment')
  const imports = findImports(code)
  const findings: Finding[] = []
  function add(line: number, message: string): void {
    findings.push({ path: file.path, line, message })
  }
  if (!file.path.startsWith('src/net/')) {
    for (const found of imports.filter((each) => !each.typeOnly && importsOneOf(each, SOCKET_MODULES))) {
      add(found.line, `only src/net imports values of ${found.specifier}; 'import type' is allowed`)
    }
    for (const token of socketWrites(code)) {
      add(token.line, 'only src/net writes to a socket; use its SocketSink')
    }
  }
  for (const found of imports.filter((each) => !each.typeOnly && importsOneOf(each, HTTP_MODULES))) {
    add(
      found.line,
      `values of ${found.specifier} are taken from nodeHttp of src/net; 'import type' is allowed`,
    )
  }
  if (!file.path.startsWith('src/cli/')) {
    for (const token of prints(code, imports)) {
      add(token.line, `only src/cli prints: '${token.text}' is not for here, use a Logger`)
    }
  }
  for (const token of code.filter(({ text }) => RANGE_CHECKED_WRITE.test(text))) {
    add(token.line, `${token.text} throws past its range; use ByteWriter or a DataView, which wrap`)
  }
  return findings
}

function importsOneOf(found: Import, modules: ReadonlySet<string>): boolean {
  return found.specifier !== null && modules.has(found.specifier.replace(/^node:/, ''))
}

/** Finds `x.write(...)`, and `x.end(bytes)`, where `x` is named like a socket or declared as one in the file. */
function socketWrites(code: readonly Token[]): Token[] {
  const declared = namesDeclaredWritable(code)
  return code.filter((token, index) => {
    const isCall = isAccess(code[index - 1]) && code[index + 1]?.text === '('
    const writes = token.text === 'write' || (token.text === 'end' && code[index + 2]?.text !== ')')
    if (!isCall || !writes) {
      return false
    }
    const receiver = receiverName(code, index - 2)
    return receiver !== null && (SOCKET_NAME.test(receiver) || declared.has(receiver))
  })
}

/** The last name of the expression that ends at `index`: `socket` for `this.#socket!` and for `a.socket(b)`. */
function receiverName(code: readonly Token[], index: number): string | null {
  let at = code[index]?.text === '!' ? index - 1 : index
  if (code[at]?.text === ')') {
    let depth = 0
    do {
      depth += code[at]?.text === ')' ? 1 : code[at]?.text === '(' ? -1 : 0
      at--
    } while (depth > 0 && at >= 0)
  }
  const token = code[at]
  return token?.kind === 'word' ? bareName(token) : null
}

/** Names in `name: Socket`, `#name?: net.Socket` and the like. */
function namesDeclaredWritable(code: readonly Token[]): Set<string> {
  const names = new Set<string>()
  for (const [index, token] of code.entries()) {
    const name =
      code[index - 1]?.text === '?' || code[index - 1]?.text === '!' ? code[index - 2] : code[index - 1]
    if (token.text !== ':' || name?.kind !== 'word') {
      continue
    }
    const type = code[index + 2]?.text === '.' ? code[index + 3] : code[index + 1]
    if (type !== undefined && WRITABLE_TYPES.has(type.text)) {
      names.add(bareName(name))
    }
  }
  return names
}

/** Finds `console`, `process.stdout`, `process.stderr`, and both taken from `node:console` and `node:process`. */
function prints(code: readonly Token[], imports: readonly Import[]): Token[] {
  const importsProcess = imports.some((each) => importsOneOf(each, new Set(['process'])))
  return code.filter((token, index) => {
    const ofProcess = isAccess(code[index - 1]) && code[index - 2]?.text === 'process'
    const isFree = !isAccess(code[index - 1]) && code[index + 1]?.text !== ':'
    if (token.text === 'console') {
      return isFree
    }
    return (token.text === 'stdout' || token.text === 'stderr') && (ofProcess || (importsProcess && isFree))
  })
}

function isAccess(token: Token | undefined): boolean {
  return token?.text === '.' || token?.text === '?.'
}

function bareName(token: Token): string {
  return token.text.replace(/^#/, '')
}
