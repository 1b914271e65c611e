// What everybody takes for environments, where nothing declares them.

/** Names of folders beside each other. */
const USUAL = new Set(
  'dev develop development test testing qa uat stage staging preprod pre-prod preproduction prod production'.split(' '),
)

export const isUsualEnvironment = (folder: string): boolean => USUAL.has(folder)
