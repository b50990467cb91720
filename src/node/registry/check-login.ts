import type { RegistrySession } from './registry-session.ts';

/** Asks the registry for nothing but to be let in: throws REGISTRY_UNAUTHORIZED if it doesn't. */
export async function checkLogin(session: RegistrySession): Promise<void> {
  const answer = await session.send({ path: '/', scopes: [] }, [200]);
  answer.body.destroy();
}
