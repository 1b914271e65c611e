// What a tree may cost: bounds that admit 1,000 apps and the 2.1 MB Argo CD install, and stop what was made to be slow.

export const LIMITS = {
  /** Bytes of one file. */
  fileBytes: 16 * 1024 * 1024,
  /** Bytes of all files that are read. */
  totalBytes: 512 * 1024 * 1024,
  /** Files and folders met on the walk. */
  entries: 400_000,
  /** Nesting of mappings and sequences. */
  depth: 100,
  /** Documents of one file. */
  documents: 20_000,
  /** Nodes of one file once every alias is written out. */
  expandedNodes: 2_000_000,
  /** Nodes that aliases alone may add to one file. */
  aliasNodes: 100_000,
  /** Files that one build reads. */
  buildFiles: 20_000,
  /** Resources that one build may be expected to render. */
  buildResources: 20_000,
  /** How often one build may render each of its documents, once it renders more than `repeatedResources`. */
  repetition: 10,
  repeatedResources: 1_000,
  /** Operations of one JSON patch: what kustomize does with them grows with their square. */
  patchOperations: 5_000,
  /** Keys that one generator may have: what kustomize does with them grows with their square. */
  generatorKeys: 20_000,
  /** Milliseconds that one build may take. */
  renderMilliseconds: 60_000,
  /** Bytes that one build may print. */
  renderBytes: 256 * 1024 * 1024,
} as const
