import { readTextIfThere } from '../../kernel/files.ts';

const PASSWD_LIMIT = 1 << 20;

/** A user as runc names it: by /etc/passwd, else by its number. */
export function ownerName(uid: number): string {
  const passwd = readTextIfThere('/etc/passwd', PASSWD_LIMIT) ?? '';
  const fields = passwd.split('\n').map((line) => line.split(':'));
  return fields.find(([, , number]) => number === String(uid))?.[0] ?? `#${uid}`;
}
