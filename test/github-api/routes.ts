/** Which request is which, what it needs (the "permissions required" pages), and what its body may be. */
import type { Answer } from './answer.ts'
import * as deployments from './deployments.ts'
import type { Exchange } from './exchange.ts'
import * as git from './git-refs.ts'
import { requestModels, type RequestModel } from './request-models.ts'

export interface Route {
  method: string
  path: RegExp
  /** As GitHub writes it into `x-accepted-github-permissions`. */
  needs: string
  /** Of docs.github.com/rest. */
  page: string
  model?: RequestModel
  answer: (exchange: Exchange) => Answer
}

const repo = '/repos/([^/]+/[^/]+)'

function route(
  method: string,
  path: string,
  needs: string,
  page: string,
  rest: Pick<Route, 'answer' | 'model'>,
): Route {
  return { method, path: new RegExp(`^${path}$`), needs, page, ...rest }
}

const { createDeployment, createDeploymentStatus, createRef, updateRef } = requestModels

export const routes: Route[] = [
  route('GET', repo, 'metadata=read', '/repos/repos#get-a-repository', {
    answer: ({ repository }) => ({
      status: 200,
      body: {
        full_name: repository.name,
        name: repository.name.split('/')[1],
        default_branch: repository.defaultBranch,
        private: true,
      },
    }),
  }),
  route('GET', `${repo}/deployments`, 'deployments=read', '/deployments/deployments#list-deployments', {
    answer: deployments.listDeployments,
  }),
  route('POST', `${repo}/deployments`, 'deployments=write', '/deployments/deployments#create-a-deployment', {
    model: createDeployment,
    answer: deployments.createDeployment,
  }),
  route(
    'GET',
    `${repo}/deployments/(\\d+)`,
    'deployments=read',
    '/deployments/deployments#get-a-deployment',
    {
      answer: deployments.getDeployment,
    },
  ),
  route(
    'DELETE',
    `${repo}/deployments/(\\d+)`,
    'deployments=write',
    '/deployments/deployments#delete-a-deployment',
    {
      answer: deployments.deleteDeployment,
    },
  ),
  route(
    'GET',
    `${repo}/deployments/(\\d+)/statuses`,
    'deployments=read',
    '/deployments/statuses#list-deployment-statuses',
    {
      answer: deployments.listStatuses,
    },
  ),
  route(
    'POST',
    `${repo}/deployments/(\\d+)/statuses`,
    'deployments=write',
    '/deployments/statuses#create-a-deployment-status',
    {
      model: createDeploymentStatus,
      answer: deployments.createStatus,
    },
  ),
  route('GET', `${repo}/git/ref/(.+)`, 'contents=read', '/git/refs#get-a-reference', { answer: git.getRef }),
  route('POST', `${repo}/git/refs`, 'contents=write', '/git/refs#create-a-reference', {
    model: createRef,
    answer: git.createRef,
  }),
  route('PATCH', `${repo}/git/refs/(.+)`, 'contents=write', '/git/refs#update-a-reference', {
    model: updateRef,
    answer: git.updateRef,
  }),
  route('DELETE', `${repo}/git/refs/(.+)`, 'contents=write', '/git/refs#delete-a-reference', {
    answer: git.deleteRef,
  }),
  route('GET', `${repo}/compare/(.+)`, 'contents=read', '/commits/commits#compare-two-commits', {
    answer: git.compare,
  }),
]
