// Text of a tree on its way to a person.

/** Names of a hostile file must not move the cursor of a terminal or end a line of a log. */
export const printable = (text: string): string => text.replace(/[\p{Cc}\p{Cf}]/gu, '?')
