// vmbackup on Container Apps: a listener that reads, a worker that acts, their database, vault, log.
//   az deployment group create --resource-group rg-vmbackup --template-file deploy/azure/main.bicep \
//     --parameters image=REGISTRY/vmbackup:VERSION slackBotToken=... slackAppToken=... rules=@vmbackup.toml
// Parsed and its references checked by the tests; not compiled: there is no compiler where it is made.
// Deploy it into a region that is not lost together with the VMs: `vmbackup doctor` warns.
targetScope = 'resourceGroup'

@description('The region of the bot and its database: not that of the VMs that it protects.')
param location string = resourceGroup().location

@description('Begins the name of everything here; 3 to 12 letters and digits.')
@minLength(3)
@maxLength(12)
param prefix string = 'vmbackup'

@description('The image, with its digest: registry.example/vmbackup@sha256:...')
param image string

@description('The server of a private registry whose AcrPull the identities have; empty: a public one.')
param registryServer string = ''

@secure()
@description('xoxb-...')
param slackBotToken string

@secure()
@description('xapp-..., with connections:write')
param slackAppToken string

@secure()
@description('The rules: the content of vmbackup.toml.')
param rules string

@description('The only subscriptions that the bot reads.')
param subscriptionIds array = [
  subscription().subscriptionId
]

@description('The resource id of a subnet (/27 or larger, delegated to Microsoft.App/environments); empty: a network is made.')
param containerSubnetId string = ''

@description('The resource id of a subnet delegated to Microsoft.DBforPostgreSQL/flexibleServers; needed with containerSubnetId unless there is a database.')
param databaseSubnetId string = ''

@secure()
@description('The address of an existing PostgreSQL server, with sslmode=verify-full; empty: a server is made.')
param databaseUrl string = ''

@secure()
@description('The password of the server that is made: letters and digits, at least 24.')
param databasePassword string = newGuid()

@description('The name of an existing Key Vault in this group, with Azure RBAC; empty: one is made.')
param vaultName string = ''

@minValue(2)
@description('Never below two: with Socket Mode a command is lost while nobody is connected.')
param replicas int = 2

var makesNetwork = empty(containerSubnetId)
var makesDatabase = empty(databaseUrl)
var makesVault = empty(vaultName)
var unique = uniqueString(resourceGroup().id, prefix)
var vaultShown = makesVault ? take('${prefix}-${unique}', 24) : vaultName
var databaseUser = 'vmbackup'
var databaseAddress = makesDatabase ? 'postgresql://${databaseUser}:${databasePassword}@${prefix}-${unique}.postgres.database.azure.com/vmbackup?sslmode=verify-full&sslrootcert=system' : databaseUrl
// Key Vault Secrets User: reads the content of secrets, and nothing else.
var secretsUser = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')

resource listenerIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${prefix}-listener'
  location: location
}

resource workerIdentity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${prefix}-worker'
  location: location
}

resource logs 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: '${prefix}-logs'
  location: location
  properties: {
    sku: {
      name: 'PerGB2018'
    }
    retentionInDays: 90
  }
}

module network 'network.bicep' = if (makesNetwork) {
  name: '${prefix}-network'
  params: {
    location: location
    prefix: prefix
  }
}

module database 'database.bicep' = if (makesDatabase) {
  name: '${prefix}-database'
  params: {
    location: location
    serverName: '${prefix}-${unique}'
    subnetId: makesNetwork ? network.outputs.databaseSubnetId : databaseSubnetId
    networkId: makesNetwork ? network.outputs.networkId : join(take(split(databaseSubnetId, '/'), 9), '/')
    administrator: databaseUser
    password: databasePassword
  }
}

resource newVault 'Microsoft.KeyVault/vaults@2023-07-01' = if (makesVault) {
  name: vaultShown
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    softDeleteRetentionInDays: 90
  }
}

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' existing = {
  name: vaultShown
}

resource botTokenSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'slack-bot-token'
  properties: {
    contentType: 'text/plain'
    value: slackBotToken
  }
  dependsOn: [
    newVault
  ]
}

resource appTokenSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'slack-app-token'
  properties: {
    contentType: 'text/plain'
    value: slackAppToken
  }
  dependsOn: [
    newVault
  ]
}

resource databaseSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'database-url'
  properties: {
    contentType: 'text/plain'
    value: databaseAddress
  }
  dependsOn: [
    newVault
  ]
}

resource rulesSecret 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = {
  parent: vault
  name: 'rules'
  properties: {
    contentType: 'text/plain'
    value: rules
  }
  dependsOn: [
    newVault
  ]
}

// Secret by secret: the worker, which changes Azure, cannot take deliveries in the listener's place.
resource listenerReadsBotToken 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: botTokenSecret
  name: guid(botTokenSecret.id, listenerIdentity.id)
  properties: {
    roleDefinitionId: secretsUser
    principalId: listenerIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource listenerReadsAppToken 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: appTokenSecret
  name: guid(appTokenSecret.id, listenerIdentity.id)
  properties: {
    roleDefinitionId: secretsUser
    principalId: listenerIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource listenerReadsDatabase 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: databaseSecret
  name: guid(databaseSecret.id, listenerIdentity.id)
  properties: {
    roleDefinitionId: secretsUser
    principalId: listenerIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource listenerReadsRules 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: rulesSecret
  name: guid(rulesSecret.id, listenerIdentity.id)
  properties: {
    roleDefinitionId: secretsUser
    principalId: listenerIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource workerReadsBotToken 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: botTokenSecret
  name: guid(botTokenSecret.id, workerIdentity.id)
  properties: {
    roleDefinitionId: secretsUser
    principalId: workerIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource workerReadsDatabase 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: databaseSecret
  name: guid(databaseSecret.id, workerIdentity.id)
  properties: {
    roleDefinitionId: secretsUser
    principalId: workerIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource workerReadsRules 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: rulesSecret
  name: guid(rulesSecret.id, workerIdentity.id)
  properties: {
    roleDefinitionId: secretsUser
    principalId: workerIdentity.properties.principalId
    principalType: 'ServicePrincipal'
  }
}

resource environment 'Microsoft.App/managedEnvironments@2024-03-01' = {
  name: '${prefix}-environment'
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: logs.properties.customerId
        sharedKey: logs.listKeys().primarySharedKey
      }
    }
    vnetConfiguration: {
      infrastructureSubnetId: makesNetwork ? network.outputs.containerSubnetId : containerSubnetId
      internal: true
    }
    zoneRedundant: true
  }
}

module listener 'app.bicep' = {
  name: '${prefix}-listener'
  params: {
    location: location
    name: '${prefix}-listener'
    part: 'listener'
    image: image
    registryServer: registryServer
    environmentId: environment.id
    identityId: listenerIdentity.id
    identityClientId: listenerIdentity.properties.clientId
    replicas: replicas
    subscriptionIds: subscriptionIds
    secretUris: {
      'slack-bot-token': botTokenSecret.properties.secretUri
      'slack-app-token': appTokenSecret.properties.secretUri
      'database-url': databaseSecret.properties.secretUri
      rules: rulesSecret.properties.secretUri
    }
    secretFiles: {
      SLACK_BOT_TOKEN: 'slack-bot-token'
      SLACK_APP_TOKEN: 'slack-app-token'
      DATABASE_URL: 'database-url'
    }
  }
  dependsOn: [
    database
    listenerReadsBotToken
    listenerReadsAppToken
    listenerReadsDatabase
    listenerReadsRules
  ]
}

module worker 'app.bicep' = {
  name: '${prefix}-worker'
  params: {
    location: location
    name: '${prefix}-worker'
    part: 'worker'
    image: image
    registryServer: registryServer
    environmentId: environment.id
    identityId: workerIdentity.id
    identityClientId: workerIdentity.properties.clientId
    replicas: replicas
    subscriptionIds: subscriptionIds
    secretUris: {
      'slack-bot-token': botTokenSecret.properties.secretUri
      'database-url': databaseSecret.properties.secretUri
      rules: rulesSecret.properties.secretUri
    }
    secretFiles: {
      SLACK_BOT_TOKEN: 'slack-bot-token'
      DATABASE_URL: 'database-url'
    }
  }
  dependsOn: [
    database
    workerReadsBotToken
    workerReadsDatabase
    workerReadsRules
  ]
}

@description('Give it the role advisor with access.bicep.')
output listenerPrincipalId string = listenerIdentity.properties.principalId

@description('Give it the roles advisor, snapshot-operator and, where wanted, restore-operator.')
output workerPrincipalId string = workerIdentity.properties.principalId
