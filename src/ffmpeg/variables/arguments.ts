import { expandUrl, isRtmpAddress, refuseControls } from './address.ts'
import { fillTemplate, type TemplatePiece } from './template.ts'
import { UnusableValueError } from './unusable-value-error.ts'
import type { VariableValues } from './values.ts'

/** Options whose value is a program in some language: `sh -c`, `bash -lc`, `python -c`, `perl -e`, `php -r`, `node --eval`. */
const SCRIPT_OPTION =
  /^-[A-Za-z]{0,2}[ceEr]$|^--(?:eval|command|execute|print)$|^-(?:p|pe|command|Command|EncodedCommand)$/
/** Programs that take several options in one word, and the program behind more of them: `bash -euxc`, `sh -c -u`. */
const SHELL = /^(?:ba|da|a|z|k|mk|fi)?sh$/
const SHELL_SCRIPT_OPTION = /^-[A-Za-z]*c[A-Za-z]*$/
/** The same of languages: `perl -lane`, `python3 -Bsuc`. */
const INTERPRETER = /^(?:python|pypy|perl|ruby|php|node|lua)[\d.]*$/
const INTERPRETER_SCRIPT_OPTION = /^-[\w.]*[ceEr]$/
/** What cuts its value into a program and its arguments: `env -S`. */
const SPLIT_OPTION = /^-[A-Za-z]*S$|^--split-string$/
/** The same with `=`. */
const SCRIPT_ARGUMENT = /^--(?:eval|command|execute|print)=/
/** Programs that give all their arguments to a shell, or whose arguments are a program. */
const SHELL_RUNNERS = [
  'ssh',
  'rsh',
  'su',
  'runuser',
  'eval',
  'watch',
  'parallel',
  'awk',
  'gawk',
  'mawk',
  'sed',
  'tmux',
  'screen',
]
/** What no shell and no such language takes for more than text. */
const HARMLESS_IN_SCRIPT = /^(?!-)[\p{L}\p{M}\p{N}_@%+=:,./-]*$/u

/** Options whose value is a graph of FFmpeg's filters, and outputs of its muxer `tee`, which have a language of their own. */
const FILTER_OPTION = /^-(?:filter(?:_complex)?|lavfi|vf|af)(?::|$)/
const TEE_OUTPUT = /[|]|^\[[^\]]*=/
const HARMLESS_IN_FILTER = /^(?!-)[\p{L}\p{M}\p{N}_@+./-]*$/u

/**
 * Fills a template for an argument of a program, which gets it whole, as the system gives it: no shell reads it. One that is an RTMP address
 * is most likely FFmpeg's: it takes no names that FFmpeg would misread.
 * @throws UnusableValueError if values would make an option of it, have control characters, or a `..` of a path
 */
export function expandArgument(template: string, values: VariableValues): string {
  if (isRtmpAddress(template)) {
    return expandUrl(template, values)
  }
  const pieces = fillTemplate(template, values)
  for (const { text, variable } of pieces) {
    if (variable !== null) {
      refuseControls(variable, text)
    }
  }
  const argument = pieces.map(({ text }) => text).join('')
  const first = pieces.find(({ text }) => text !== '')
  if (first !== undefined && first.variable !== null && first.text.startsWith('-')) {
    throw new UnusableValueError(
      `[${first.variable}] begins with '-', which makes an option of the argument ${template}`,
    )
  }
  if (hasParent(argument) && !hasParent(template)) {
    throw new UnusableValueError(`the argument ${template} would have a '..' in its path`)
  }
  return argument
}

/**
 * Fills the templates of a program's arguments. What is a program itself, as behind `sh -c`, takes values only that are harmless there.
 * @param program as written; it takes no variables that a publisher chooses
 * @throws UnusableValueError if a value can't be used where it stands
 */
export function expandArguments(
  program: string,
  templates: readonly string[],
  values: VariableValues,
): string[] {
  return templates.map((template, index) => {
    const before = [program, ...templates.slice(0, index)]
    const harmless = harmlessIn(template, before)
    const chosen = fillTemplate(template, values).find((piece) => isHarmful(piece, harmless))
    if (chosen !== undefined) {
      throw new UnusableValueError(
        `[${chosen.variable}] has what the program in the argument behind '${before.at(-1)}' could take for an instruction: let it read the environment, as "$SRS_STREAM"`,
      )
    }
    return expandArgument(template, values)
  })
}

/** What values may be where they become part of a program; null where they may be anything. */
function harmlessIn(template: string, before: readonly string[]): RegExp | null {
  const previous = before.at(-1) ?? ''
  if (FILTER_OPTION.test(previous) || TEE_OUTPUT.test(template)) {
    return HARMLESS_IN_FILTER
  }
  const isScript =
    SCRIPT_OPTION.test(previous) ||
    SCRIPT_ARGUMENT.test(template) ||
    before.some((word, index) => takesScript(word.replace(/^.*\//, ''), before.slice(index + 1), template))
  return isScript ? HARMLESS_IN_SCRIPT : null
}

/** Whether a program takes an argument for one in its own language, or gives it to who does. */
function takesScript(program: string, before: readonly string[], template: string): boolean {
  const previous = before.at(-1) ?? ''
  if (SHELL.test(program)) {
    return isOption(template) || isShellScriptNext(before)
  }
  if (INTERPRETER.test(program)) {
    return isOption(template) || INTERPRETER_SCRIPT_OPTION.test(previous)
  }
  if (program === 'env') {
    return isOption(template) || SPLIT_OPTION.test(previous)
  }
  return SHELL_RUNNERS.includes(program)
}

/** A shell reads all its options first, wherever `-c` is among them; the next word is the program. */
function isShellScriptNext(before: readonly string[]): boolean {
  const option = before.findIndex((word) => SHELL_SCRIPT_OPTION.test(word))
  const others = before.slice(option)
  return (
    option >= 0 &&
    others.every((word, index) => /^[-+]/.test(word) || /^[-+][A-Za-z]*[oO]$/.test(others[index - 1] ?? ''))
  )
}

function isOption(template: string): boolean {
  return template.startsWith('-')
}

function isHarmful({ text, variable }: TemplatePiece, harmless: RegExp | null): boolean {
  return variable !== null && harmless !== null && !harmless.test(text)
}

function hasParent(path: string): boolean {
  return /(?:^|[/\\])\.\.(?:[/\\]|$)/.test(path)
}
