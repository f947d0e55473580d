// What the two identities may do in one subscription; deploy it once for each of them:
//   az deployment sub create --location REGION --template-file deploy/azure/access.bicep \
//     --parameters listenerPrincipalId=... workerPrincipalId=... resourceGroups='["rg-shop-prod"]'
// roles.json is written by `make docs` from what each action of the bot says that it does.
targetScope = 'subscription'

param listenerPrincipalId string
param workerPrincipalId string

@description('Where snapshots may be taken: the groups of the VMs, and those of their snapshots.')
param resourceGroups array

@description('Where restores may be done; empty: nowhere.')
param restoreGroups array = []

var definitions = loadJsonContent('roles.json')

resource advisorRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'vmbackup advisor')
  properties: {
    roleName: 'vmbackup advisor (${subscription().subscriptionId})'
    description: definitions.advisor.description
    type: 'CustomRole'
    permissions: [
      {
        actions: definitions.advisor.actions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource snapshotRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'vmbackup snapshot-operator')
  properties: {
    roleName: 'vmbackup snapshot-operator (${subscription().subscriptionId})'
    description: definitions['snapshot-operator'].description
    type: 'CustomRole'
    permissions: [
      {
        actions: definitions['snapshot-operator'].actions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource restoreRole 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'vmbackup restore-operator')
  properties: {
    roleName: 'vmbackup restore-operator (${subscription().subscriptionId})'
    description: definitions['restore-operator'].description
    type: 'CustomRole'
    permissions: [
      {
        actions: definitions['restore-operator'].actions
      }
    ]
    assignableScopes: [
      subscription().id
    ]
  }
}

resource bothRead 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for principalId in [
  listenerPrincipalId
  workerPrincipalId
]: {
  name: guid(subscription().id, principalId, 'advisor')
  properties: {
    roleDefinitionId: advisorRole.id
    principalId: principalId
    principalType: 'ServicePrincipal'
  }
}]

module snapshots 'assignment.bicep' = [for group in resourceGroups: {
  name: 'vmbackup-snapshots-${uniqueString(group)}'
  scope: resourceGroup(group)
  params: {
    roleDefinitionId: snapshotRole.id
    principalId: workerPrincipalId
  }
}]

module restores 'assignment.bicep' = [for group in restoreGroups: {
  name: 'vmbackup-restores-${uniqueString(group)}'
  scope: resourceGroup(group)
  params: {
    roleDefinitionId: restoreRole.id
    principalId: workerPrincipalId
  }
}]
