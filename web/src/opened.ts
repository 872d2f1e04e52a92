// A plan that is open, with what is known around it.

import * as client from "./client";
import { meIn } from "./rights";
import type { Me } from "./rights";
import type { PlanLayers } from "./rows";
import type { Comment, Member, Plan, Project, Proposal, ReviewState, User } from "./types";

export interface Opened {
  plan: Plan;
  layers: PlanLayers;
  proposal: Proposal;
  /** The newest first. */
  versions: Plan[];
  review: ReviewState;
  comments: Comment[];
  project: Project | undefined;
  members: Member[];
  user: User;
  me: Me;
}

export async function opened(plan: Plan, project: Project | undefined, user: User): Promise<Opened> {
  const proposal = await client.proposal(plan.proposal_id);
  const [layers, versions, review, comments, members] = await Promise.all([
    client.planLayers(plan),
    client.versions(proposal),
    client.reviewState(plan.plan_id),
    client.comments(plan.plan_id),
    client.members(plan.project_id),
  ]);
  const me = meIn(project, user, members);
  versions.reverse();
  return { plan, layers, proposal, versions, review, comments, project, members, user, me };
}

/** What to call somebody who did something. */
export function nameOf({ members, user }: Opened, userId: string | null): string {
  if (userId === user.user_id) return user.name;
  const member = members.find((known) => known.user_id === userId);
  return member?.name ?? "somebody outside the project";
}
