// Tells what a person asked wrongly from what the tree or this program does wrong.

/** A root, path or configuration that cannot be used; the message is for the user. */
export class UsageError extends Error {}
