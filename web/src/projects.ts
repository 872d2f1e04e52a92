// The projects of whoever is signed in, and the one that this tab works in.

import * as client from "./client";
import { ProblemError } from "./client";
import type { Project } from "./types";

const PROJECT = "project";

export async function ownProjects(isAdministrator: boolean): Promise<Project[]> {
  const found = await client.projects();
  if (found.length) return found;
  if (isAdministrator) return [await client.makeProject("First project")];
  throw new ProblemError({
    type: "about:blank",
    title: "No project yet",
    status: 0,
    detail: "You are in no project; ask whoever administers the service to add you to one.",
  });
}

export function chosenOf(projects: Project[]): Project | undefined {
  const last = sessionStorage.getItem(PROJECT);
  return projects.find((project) => project.project_id === last) ?? projects[0];
}

/** Work in a project from now on. */
export const enter = (projectId: string): void => sessionStorage.setItem(PROJECT, projectId);
