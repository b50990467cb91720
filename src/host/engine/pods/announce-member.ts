import { createFile } from '../../kernel/files.ts';
import { podPlacesOf, type Roots } from '../roots.ts';

/** In a pod's directory: an empty file for each of its containers, and for some that are gone. */
export const MEMBERS_FOLDER = 'members';

/** Says that a container, about to be made, is in a pod; both by their IDs. */
export function announceMember(roots: Roots, pod: string, id: string): void {
  createFile(`${podPlacesOf(roots, pod, '').directory}/${MEMBERS_FOLDER}/${id}`, '');
}
