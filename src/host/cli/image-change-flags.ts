/** What `commit` and `import` say of the image that they make. */
export const IMAGE_CHANGE_FLAGS = {
  change: {
    kind: 'list',
    short: 'c',
    value: 'INSTRUCTION',
    help: 'as in a Dockerfile: \'CMD ["sh"]\', ENV, USER, …',
  },
  message: { kind: 'text', short: 'm', value: 'TEXT', help: "the comment in the image's history" },
  quiet: { kind: 'switch', short: 'q', help: 'taken for podman: only the ID is printed anyhow' },
} as const;
