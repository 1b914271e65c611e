// Tells text that a program makes YAML of: it is not a mistake that it is not YAML yet.

/**
 * `{{ name }}`, `{% if %}`, `<#if a>` at the start of a line, a bare `@NAME@` or `%NAME%` where a value begins, `{name}/web` there, `<NAME>` or `SOME_NAME` on a line of its own.
 */
const MARK =
  /\{\{.*\}\}|\{%.*%\}|(?::|-)[ \t]+(?:([@%])\w+\1|\{[A-Za-z][\w-]*\}[^\s,\]}])|^[ \t]*(?:<[A-Z]\w*>|[A-Z][A-Z\d]*(?:_[A-Z\d]+)+)[ \t]*$|^[ \t]*<\/?#[a-z]+[ \t>]/m

/** What git-crypt begins a file with: in a working copy that is locked its text is not known. */
export const isLocked = (bytes: Uint8Array): boolean => LOCKED.every((byte, index) => bytes[index] === byte)

const LOCKED = new TextEncoder().encode('\0GITCRYPT\0')

export const isTemplate = (text: string): boolean => MARK.test(text)
