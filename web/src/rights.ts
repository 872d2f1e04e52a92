// Which buttons somebody gets. The service decides by a table of its own and refuses the rest.

import type { Discipline, Member, Project, Role, User } from "./types";

export type Need = "read" | "comment" | "plan" | "review" | "approve" | "administrate";

const NEEDS_OF_ROLE: Record<Role, Need[]> = {
  planner: ["read", "comment", "plan"],
  reviewer: ["read", "comment", "review"],
  approver: ["read", "comment", "approve"],
  viewer: ["read"],
  private_operator: ["comment"],
};

// Of whoever administers the service; to review and to approve takes a role.
const NEEDS_OF_ADMINISTRATOR: Need[] = ["read", "comment", "plan", "administrate"];

/** Who is signed in, and what he is in the project. */
export interface Me {
  user_id: string;
  is_administrator: boolean;
  role: Role | null;
  disciplines: Discipline[];
}

export function meIn(project: Project | undefined, user: User, members: Member[]): Me {
  const own = members.find((member) => member.user_id === user.user_id);
  const { user_id, is_administrator } = user;
  return { user_id, is_administrator, role: project?.role ?? null, disciplines: own?.disciplines ?? [] };
}

export function may({ role, is_administrator }: Pick<Me, "role" | "is_administrator">, need: Need): boolean {
  const own = role ? NEEDS_OF_ROLE[role] : [];
  return own.includes(need) || (is_administrator && NEEDS_OF_ADMINISTRATOR.includes(need));
}

/** What somebody is, for himself to read. */
export function roleWords({ role, is_administrator, disciplines }: Omit<Me, "user_id">): string {
  const reviewer = disciplines.length ? `reviewer for ${disciplines.join(", ")}` : "reviewer";
  const own = role === "reviewer" ? reviewer : (role?.replace("_", " ") ?? "");
  return [own, is_administrator ? "administrator" : ""].filter(Boolean).join(" and ");
}
