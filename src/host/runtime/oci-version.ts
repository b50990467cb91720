/** The versions of the OCI runtime specification whose documents are taken. */
export const OCI_VERSION = { least: '1.0.0', most: '1.2.0' } as const;
