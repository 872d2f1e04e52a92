// What somebody did, in words: rows of the audit log, which name methods and addresses.

import type { Deed } from "./types";

const API = "/api/v1";

const WORDS: Record<string, string> = {
  [`POST ${API}/session`]: "signed in",
  [`DELETE ${API}/session`]: "signed out",
  [`GET ${API}/session/oidc/return`]: "signed in through the organisation",
  [`POST ${API}/invitations/{secret}`]: "used a link",
  [`PUT ${API}/me/password`]: "changed the password",
  [`POST ${API}/tokens`]: "made a token",
  [`DELETE ${API}/tokens/{token_id}`]: "revoked a token",
  [`POST ${API}/users`]: "made a user",
  [`PATCH ${API}/users/{user_id}`]: "changed a user",
  [`POST ${API}/users/{user_id}/invitations`]: "made a link for a user",
  [`POST ${API}/projects`]: "made a project",
  [`PATCH ${API}/projects/{project_id}`]: "changed the project",
  [`PUT ${API}/projects/{project_id}/members/{user_id}`]: "gave a role",
  [`DELETE ${API}/projects/{project_id}/members/{user_id}`]: "took a role away",
  [`POST ${API}/projects/{project_id}/uploads`]: "sent a file in",
  [`POST ${API}/projects/{project_id}/sites`]: "asked for a site",
  [`POST ${API}/sites/{site_id}/assessments`]: "asked for an assessment",
  [`POST ${API}/sites/{site_id}/proposals`]: "asked for a proposal",
  [`POST ${API}/proposals/{proposal_id}/plans`]: "asked for a version",
  [`PATCH ${API}/proposals/{proposal_id}`]: "renamed a proposal",
  [`POST ${API}/plans/{plan_id}/submission`]: "put a plan before the reviewers",
  [`DELETE ${API}/plans/{plan_id}/submission`]: "took a plan back",
  [`POST ${API}/plans/{plan_id}/reviews`]: "spoke for a discipline",
  [`POST ${API}/plans/{plan_id}/approval`]: "decided on a plan",
  [`POST ${API}/plans/{plan_id}/comments`]: "commented",
  [`PATCH ${API}/comments/{comment_id}`]: "changed a comment",
  [`DELETE ${API}/comments/{comment_id}`]: "deleted a comment",
  [`POST ${API}/plans/{plan_id}/exports`]: "made a copy",
  [`GET ${API}/exports/{export_id}/file`]: "downloaded a copy",
  [`POST ${API}/exports/{export_id}/release`]: "released a copy",
  [`DELETE ${API}/exports/{export_id}/release`]: "took a copy back",
  [`GET ${API}/plans/{plan_id}/files/{name}`]: "downloaded a file of a plan",
  [`GET ${API}/plans/{plan_id}/archive`]: "downloaded all files of a plan",
  [`GET ${API}/plans/{plan_id}/map`]: "opened the map page of a plan",
  [`GET ${API}/plans/{plan_id}/layers/{layer}`]: "saw a layer of a plan",
  [`GET ${API}/assessments/{assessment_id}/layers/{layer}`]: "saw a layer of an assessment",
  [`DELETE ${API}/jobs/{job_id}`]: "stopped work",
  [`POST ${API}/projects/{project_id}/events`]: "entered an event",
  [`PUT ${API}/events/{event_id}`]: "changed an event",
  [`DELETE ${API}/events/{event_id}`]: "struck an event",
  [`POST ${API}/projects/{project_id}/comparisons`]: "compared two plans",
};

/** Addresses without words of their own are told as they are; a refusal says so. */
export function deedInWords({ action, status }: Pick<Deed, "action" | "status">): string {
  const words = WORDS[action] ?? action;
  return status < 400 ? words : `tried and was refused (${status}): ${words}`;
}
