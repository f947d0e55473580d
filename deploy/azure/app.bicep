// One part of the bot: no ingress, at least two replicas, probes that mean it.
param location string
param name string
@allowed([
  'listener'
  'worker'
])
param part string
param image string
param registryServer string
param environmentId string
param identityId string
param identityClientId string
@minValue(2)
param replicas int
param subscriptionIds array
@description('By the name of the secret: where it lies in the vault.')
param secretUris object
@description('By the name of the file, which is that of the variable: the name of the secret.')
param secretFiles object

resource app 'Microsoft.App/containerApps@2024-03-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    environmentId: environmentId
    configuration: {
      activeRevisionsMode: 'Single'
      registries: empty(registryServer) ? [] : [
        {
          server: registryServer
          identity: identityId
        }
      ]
      secrets: [for secret in items(secretUris): {
        name: secret.key
        keyVaultUrl: secret.value
        identity: identityId
      }]
    }
    template: {
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'vmbackup'
          image: image
          args: [
            'bot'
            '--only'
            part
            '--settings'
            '/etc/vmbackup/rules'
          ]
          env: variables
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          probes: probes
          volumeMounts: [
            {
              volumeName: 'rules'
              mountPath: '/etc/vmbackup'
            }
            {
              volumeName: 'secrets'
              mountPath: secretsFolder
            }
          ]
        }
      ]
      scale: {
        minReplicas: replicas
        maxReplicas: replicas
      }
      volumes: [
        {
          name: 'rules'
          storageType: 'Secret'
          secrets: [
            {
              secretRef: 'rules'
              path: 'rules'
            }
          ]
        }
        {
          name: 'secrets'
          storageType: 'Secret'
          secrets: [for file in items(secretFiles): {
            secretRef: file.value
            path: file.key
          }]
        }
      ]
    }
  }
}

// A secret is a file: no child, no debugger and no page of the portal reads it from the environment.
var secretsFolder = '/mnt/secrets'
var variables = [
  {
    name: 'VMBACKUP_SECRETS_DIR'
    value: secretsFolder
  }
  {
    name: 'AZURE_CLIENT_ID'
    value: identityClientId
  }
  {
    name: 'VMBACKUP_REGION'
    value: location
  }
  {
    name: 'VMBACKUP_SUBSCRIPTIONS'
    value: join(subscriptionIds, ',')
  }
]
var probes = [
  {
    type: 'Startup'
    httpGet: {
      path: '/livez'
      port: 8081
    }
    periodSeconds: 5
    failureThreshold: 24
  }
  {
    type: 'Liveness'
    httpGet: {
      path: '/livez'
      port: 8081
    }
    periodSeconds: 30
    timeoutSeconds: 10
    failureThreshold: 3
  }
  {
    type: 'Readiness'
    httpGet: {
      path: '/readyz'
      port: 8081
    }
    periodSeconds: 10
    timeoutSeconds: 10
    failureThreshold: 3
  }
]
