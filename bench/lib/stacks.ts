/** Whose code a stack's frame is. */
export type FrameOwner = 'script' | 'runtime' | 'kernel'

/** One function on a stack. */
export type StackFrame = Readonly<{ name: string; owner: FrameOwner }>

/** A node of all stacks laid over each other: a function, as called from its parent. */
export type StackNode = {
  readonly name: string
  readonly owner: FrameOwner
  /** Weight of all stacks that go through here. */
  total: number
  /** Weight of those that end here. */
  self: number
  readonly children: Map<string, StackNode>
}

/** An empty tree. */
export function createStackTree(): StackNode {
  return { name: 'all', owner: 'runtime', total: 0, self: 0, children: new Map() }
}

/** Adds one stack, outermost function first. */
export function addStack(root: StackNode, frames: readonly StackFrame[], weight: number): void {
  let node = root
  node.total += weight
  for (const { name, owner } of frames) {
    const key = `${owner} ${name}`
    const child = node.children.get(key) ?? { name, owner, total: 0, self: 0, children: new Map() }
    node.children.set(key, child)
    child.total += weight
    node = child
  }
  node.self += weight
}

/** Functions by the weight of what they did themselves, wherever they were called from; heaviest first. */
export function heaviest(root: StackNode): { name: string; owner: FrameOwner; self: number }[] {
  const sums = new Map<string, { name: string; owner: FrameOwner; self: number }>()
  function visit(node: StackNode): void {
    const key = `${node.owner} ${node.name}`
    const sum = sums.get(key) ?? { name: node.name, owner: node.owner, self: 0 }
    sum.self += node.self
    sums.set(key, sum)
    for (const child of node.children.values()) {
      visit(child)
    }
  }
  visit(root)
  return [...sums.values()].filter(({ self }) => self > 0).sort((a, b) => b.self - a.self)
}

/** The part of a V8 CPU profile (Chrome DevTools Protocol, Profiler.Profile) that is read here. */
type CpuProfile = Readonly<{
  nodes: readonly Readonly<{
    id: number
    callFrame: Readonly<{ functionName: string; url: string; lineNumber: number }>
    children?: readonly number[]
  }>[]
  samples: readonly number[]
  timeDeltas: readonly number[]
}>

/**
 * Reads what `node --cpu-prof` wrote; weights are microseconds. Idle time is left out.
 * @param fromSeconds what came earlier is left out, too: a program's start
 */
export function readCpuProfile(text: string, fromSeconds = 0): StackNode {
  const profile = JSON.parse(text) as CpuProfile
  const nodes = new Map(profile.nodes.map((node) => [node.id, node]))
  const parents = new Map(
    profile.nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node.id] as const)),
  )
  const root = createStackTree()
  let seconds = 0
  for (const [index, sample] of profile.samples.entries()) {
    const microseconds = profile.timeDeltas[index] ?? 0
    seconds += microseconds / 1e6
    const frames: StackFrame[] = []
    for (let id: number | undefined = sample; id !== undefined; id = parents.get(id)) {
      const frame = nodes.get(id)?.callFrame
      if (frame !== undefined && frame.functionName !== '(root)') {
        frames.unshift(scriptFrame(frame))
      }
    }
    if (frames.at(-1)?.name !== '(idle)' && seconds >= fromSeconds) {
      addStack(root, frames, microseconds)
    }
  }
  return root
}

function scriptFrame({
  functionName,
  url,
  lineNumber,
}: CpuProfile['nodes'][number]['callFrame']): StackFrame {
  const name = functionName === '' ? '(anonymous)' : functionName
  const file = url.split('/').at(-1) ?? ''
  if (file === '' || url.startsWith('node:')) {
    return { name: url === '' ? name : `${name} ${url}`, owner: 'runtime' }
  }
  return { name: `${name} ${file}:${lineNumber + 1}`, owner: 'script' }
}

/** Reads what `perf script` printed; weights are samples. */
export function readPerfScript(text: string): StackNode {
  const root = createStackTree()
  for (const sample of text.split(/\n\s*\n/)) {
    const frames = sample
      .split('\n')
      .map((line) => /^\s+[0-9a-f]+ (.+) \((.*)\)\s*$/.exec(line))
      .filter((match) => match !== null)
      .map(([, symbol = '', object = '']) => perfFrame(symbol.replace(/\+0x[0-9a-f]+$/, ''), object))
    if (frames.length > 0) {
      addStack(root, frames.reverse(), 1)
    }
  }
  return root
}

function perfFrame(symbol: string, object: string): StackFrame {
  if (object.startsWith('[kernel') || object.endsWith('.ko') || object === '[guest.kernel.kallsyms]') {
    return { name: symbol, owner: 'kernel' }
  }
  // What --perf-basic-prof writes: `JS:*'name file:line:column`, the marks saying how well it was compiled.
  const script = /^(?:JS|LazyCompile|Function|Eval|Script):[*~^+]?'?(.*?) ?(\S+:\d+):\d+$/.exec(symbol)
  if (script !== null) {
    const [, name = '', place = ''] = script
    const isNodes = place.startsWith('node:')
    const file = isNodes ? place.replace(/:\d+$/, '') : (place.split('/').at(-1) ?? '')
    const called = name === '' ? '(anonymous)' : name
    return { name: `${called} ${file}`.trim(), owner: isNodes ? 'runtime' : 'script' }
  }
  return { name: symbol, owner: 'runtime' }
}
